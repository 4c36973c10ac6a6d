using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Tags by name, against the simulator's REST interface.</summary>
public sealed class TagTests : DestinationTestBase
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (
            var tag in new[]
            {
                """{"Category":"Site","Name":"Bonn","Single":true}""",
                """{"Category":"Site","Name":"Köln / Süd","Single":true}""",
                """{"Category":"Backup","Name":"Daily"}""",
                """{"Category":"Office","Name":"Daily"}""",
                """{"Category":"Rack","Name":"Bonn","Types":["HostSystem"]}""",
            }
        )
            await Server.ControlAsync("/tag", tag);
    }

    [Fact]
    public async Task The_VM_gets_its_tags()
    {
        // By name where it is one tag that a VM can have; by category and name; with a slash in the name.
        var created = await CreateAsync(Machine("Site/Köln / Süd", "backup/daily"));
        Assert.Equal(["Daily", "Köln / Süd"], await TagsOfAsync(created.Id));
        var second = await CreateAsync(Machine("Bonn") with { Name = "web02" }, "c-2");
        Assert.Equal(["Bonn"], await TagsOfAsync(second.Id));
        Assert.DoesNotContain(Console.Lines, line => line.StartsWith("WARNING", StringComparison.Ordinal));
        Assert.DoesNotContain(Console.Lines, line => line.Contains(SimulatorFixture.Password, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ErrorIds.InventoryItemNotFound, "Site/Bonn", "Berlin")]
    [InlineData(ErrorIds.InventoryItemNotFound, "Köln / Süd", "Site/Berlin")]
    [InlineData(ErrorIds.InventoryItemAmbiguous, "Office/Daily", "Daily")]
    [InlineData(ErrorIds.PlanNotPossible, "not for VMs", "Rack/Bonn")]
    [InlineData(ErrorIds.PlanNotPossible, "one tag of the category Site", "Site/Bonn", "Köln / Süd")]
    public async Task A_wrong_tag_is_told_before_the_VM_is_made(string id, string said, params string[] tags)
    {
        var finding = Assert.Single(await Destination.TestAsync(Machine(tags), None), finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal(id, finding.Id);
        Assert.Contains(said, finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tag_of_just_that_case_comes_first()
    {
        await Server.ControlAsync("/tag", """{"Category":"Backup","Name":"daily"}""");
        await Server.ControlAsync("/tag", """{"Category":"Backup","Name":"a;b"}""");
        var created = await CreateAsync(Machine("Backup/daily", "a;b"));
        Assert.Equal(["a;b", "daily"], await TagsOfAsync(created.Id));
        var second = await CreateAsync(Machine("Backup/Daily", "Backup/daily") with { Name = "web02" }, "c-2");
        Assert.Equal(["Daily", "daily"], await TagsOfAsync(second.Id));
        var finding = Assert.Single(
            await Destination.TestAsync(Machine("Backup/DAILY") with { Name = "web03" }, None),
            finding => finding.Severity == FindingSeverity.Error
        );
        Assert.Equal(ErrorIds.InventoryItemAmbiguous, finding.Id);
    }

    [Fact]
    public async Task A_refused_login_is_told_and_not_tried_again()
    {
        await Server.ControlAsync("/fault", """{"Method":"REST POST","Kind":"http","Status":401,"Match":"/cis/session","Count":-1}""");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var finding = Assert.Single(
                await Destination.TestAsync(Machine("Site/Bonn"), None),
                finding => finding.Severity == FindingSeverity.Error
            );
            Assert.Equal(ErrorIds.ServerAuthenticationFailed, finding.Id);
            Assert.Contains(SimulatorFixture.UserName, finding.What, StringComparison.Ordinal);
            Assert.DoesNotContain(SimulatorFixture.Password, finding.What + finding.Remedy, StringComparison.Ordinal);
        }

        Assert.Equal(1, Recorder.Paths.Count(path => path.EndsWith("/cis/session", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{}", ErrorIds.InventoryItemNotFound)]
    [InlineData("""{"value":[7,null,{"id":"x"}]}""", ErrorIds.InventoryItemNotFound)]
    [InlineData("""{"value":"none"}""", ErrorIds.InventoryItemNotFound)]
    [InlineData("<html>busy</html>", ErrorIds.ServerUnreachable)]
    [InlineData("", ErrorIds.InventoryItemNotFound)]
    public async Task An_odd_answer_is_a_finding(string answer, string id)
    {
        var fault = new
        {
            Method = "REST GET",
            Kind = "answer",
            Body = answer,
            Count = -1,
        };
        await Server.ControlAsync("/fault", JsonSerializer.Serialize(fault));
        Assert.Contains(await Destination.TestAsync(Machine("Site/Bonn"), None), finding => finding.Id == id);
    }

    [Fact]
    public async Task A_session_that_ended_is_opened_again()
    {
        await CreateAsync(Machine("Site/Bonn"));
        await Server.ControlAsync("/session/drop", $$"""{"User":"{{SimulatorFixture.UserName}}"}""");
        var second = await CreateAsync(Machine("Site/Bonn") with { Name = "web02" }, "c-2");
        Assert.Equal(["Bonn"], await TagsOfAsync(second.Id));
    }

    [Fact]
    public async Task A_VM_whose_tags_cannot_be_given_is_as_good()
    {
        await Server.ControlAsync("/fault", """{"Method":"REST POST","Kind":"http","Status":503,"Match":"tag-association","Count":3}""");
        var created = await CreateAsync(Machine("Site/Bonn"));
        Assert.Empty(await TagsOfAsync(created.Id));
        Assert.Contains(
            Console.Lines,
            line => line.StartsWith("WARNING", StringComparison.Ordinal) && line.Contains("Site/Bonn", StringComparison.Ordinal)
        );
        // The engine that takes the VM over makes up for it.
        Assert.Equal(created.Id, (await CreateAsync(Machine("Site/Bonn"))).Id);
        Assert.Equal(["Bonn"], await TagsOfAsync(created.Id));
    }

    [Fact]
    public async Task A_short_failure_is_waited_out_and_a_longer_one_stops_nothing()
    {
        await Server.ControlAsync("/fault", """{"Method":"REST GET","Kind":"http","Status":503,"Count":2}""");
        Assert.DoesNotContain(await Destination.TestAsync(Machine("Site/Bonn"), None), finding => finding.Id == ErrorIds.ServerUnreachable);
        await using var other = await VSphereDestination.ConnectAsync(Server.Options, Console, None);
        await Server.ControlAsync("/fault", """{"Method":"REST POST","Kind":"http","Status":503,"Count":-1}""");
        var finding = Assert.Single(await other.TestAsync(Machine("Site/Bonn"), None), finding => finding.Id == ErrorIds.ServerUnreachable);
        Assert.Equal(FindingSeverity.Warning, finding.Severity);
    }

    [Fact]
    public async Task A_session_that_was_handed_over_reaches_no_tags()
    {
        var session = Server.Options with { UserName = null, Password = null, SessionSecret = Recorder.Cookie };
        await using var borrowed = await VSphereDestination.ConnectAsync(session, Console, None);
        var finding = Assert.Single(
            await borrowed.TestAsync(Machine("Site/Bonn"), None),
            finding => finding.Severity == FindingSeverity.Error
        );
        Assert.Equal(ErrorIds.ServerAuthenticationFailed, finding.Id);
        Assert.Contains("-Credential", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_that_is_missing_is_told_in_advance()
    {
        await using var limited = await VSphereDestination.ConnectAsync(Server.OptionsOf(SimulatorFixture.UserWithoutTags), Console, None);
        Assert.Contains(
            await limited.TestAsync(Machine("Site/Bonn"), None),
            finding =>
                finding.Severity == FindingSeverity.Warning
                && finding.What.Contains("InventoryService.Tagging.AttachTag", StringComparison.Ordinal)
        );
    }

    private static MachineSpecification Machine(params string[] tags) => Samples.Machine() with { Tags = tags };

    private Task<DestinationMachine> CreateAsync(MachineSpecification machine, string conversionId = "c-1") =>
        Destination.CreateAsync(machine, Samples.Settings(conversionId), Image, conversionId, None);

    /// <summary>As another client sees them.</summary>
    private async Task<string[]> TagsOfAsync(string id)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://{Server.Options.Address}:{Server.Options.Port}/rest/") };
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SimulatorFixture.UserName}:{SimulatorFixture.Password}"));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", login);
        var key = (await AskAsync(HttpMethod.Post, "com/vmware/cis/session")).GetString();
        http.DefaultRequestHeaders.Add("vmware-api-session-id", key);
        var content = $$"""{"object_id":{"id":"{{id}}","type":"VirtualMachine"} }""";
        var ids = await AskAsync(HttpMethod.Post, "com/vmware/cis/tagging/tag-association?~action=list-attached-tags", content);
        if (ids.ValueKind != JsonValueKind.Array)
            return [];

        var names = new List<string>();
        foreach (var tag in ids.EnumerateArray())
            names.Add((await AskAsync(HttpMethod.Get, $"com/vmware/cis/tagging/tag/id:{tag}")).GetProperty("name").GetString()!);

        return [.. names.Order(StringComparer.Ordinal)];

        async Task<JsonElement> AskAsync(HttpMethod method, string path, string? body = null)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");

            using var response = await http.SendAsync(request);
            response.EnsureSuccessStatusCode();
            using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            return document.RootElement.GetProperty("value").Clone();
        }
    }
}
