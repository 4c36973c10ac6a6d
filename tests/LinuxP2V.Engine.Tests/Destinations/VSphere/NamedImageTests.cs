using System.Text.Json;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A helper ISO that an admin put into a content library or onto a datastore is used, and nothing is sent.</summary>
public sealed class NamedImageTests : DestinationTestBase
{
    [Theory]
    [InlineData("linuxp2v-helper")]
    [InlineData("Boot / ISOs/linuxp2v-helper")]
    public async Task An_item_of_a_content_library_is_the_CD_of_the_VM(string wanted)
    {
        await AddAsync("Boot / ISOs", "linuxp2v-helper");
        var machine = Machine(wanted);
        Assert.DoesNotContain(await Destination.TestAsync(machine, Image, None), finding => finding.Severity > FindingSeverity.Information);
        var created = await CreateAsync(machine);
        Assert.StartsWith("[big] ", created.Location);
        var path = Assert.Single(await CdromsAsync(created.Id));
        Assert.StartsWith("[small] contentlib-", path);
        Assert.Equal(await File.ReadAllBytesAsync(Image), await File.ReadAllBytesAsync(FileOf(path)));
        Assert.DoesNotContain("PUT", Recorder.Calls);

        await Destination.FinishAsync(created.Id, None);
        Assert.Empty(await CdromsAsync(created.Id));
        Assert.DoesNotContain((await SnapshotAsync(created.Id)).OptionKeys, HelperKeys.IsForFinish);
        await Destination.DeleteAsync(created.Id, None);
        Assert.True(File.Exists(FileOf(path)));
        Assert.Empty(await Destination.ListHelperImagesAsync("*", false, None));
        Assert.DoesNotContain(Console.Lines, line => line.StartsWith("WARNING", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[big] iso/own helper.iso")]
    [InlineData("[BIG]/iso//own helper.iso")]
    [InlineData("[big] top.iso")]
    public async Task An_ISO_on_a_datastore_is_the_CD_of_the_VM(string wanted)
    {
        Directory.CreateDirectory(FileOf("[big] iso"));
        var name = wanted.Contains("top", StringComparison.Ordinal) ? "[big] top.iso" : "[big] iso/own helper.iso";
        File.Copy(Image, FileOf(name));
        var machine = Machine(wanted);
        Assert.DoesNotContain(await Destination.TestAsync(machine, Image, None), finding => finding.Severity > FindingSeverity.Information);
        Assert.NotEmpty(await Destination.FindPlacesAsync(machine, null, None));
        var created = await CreateAsync(machine);
        Assert.Equal(name, Assert.Single(await CdromsAsync(created.Id)));
        await Destination.FinishAsync(created.Id, None);
        Assert.Empty(await CdromsAsync(created.Id));
        Assert.DoesNotContain("PUT", Recorder.Calls);
    }

    [Fact]
    public async Task A_vSAN_writes_its_paths_in_another_way()
    {
        await AddAsync("ISOs", "helper", storage: "vsan");
        Assert.StartsWith("[small] contentlib-", Assert.Single(await CdromsAsync((await CreateAsync(Machine("ISOs/helper"))).Id)));
    }

    [Theory]
    [InlineData(ErrorIds.InventoryItemNotFound, "has no item", "ISOs/none")]
    [InlineData(ErrorIds.InventoryItemNotFound, "There is no content library", "None/helper")]
    [InlineData(ErrorIds.InventoryItemNotFound, "No content library", "none")]
    [InlineData(ErrorIds.InventoryItemAmbiguous, "ISOs/helper, Other/helper", "helper")]
    [InlineData(ErrorIds.InventoryItemAmbiguous, "Twin/same, Twin/same", "Twin/same")]
    [InlineData(ErrorIds.InventoryItemAmbiguous, "several ISOs", "ISOs/two")]
    [InlineData(ErrorIds.PlanNotPossible, "a.ovf", "ISOs/appliance")]
    [InlineData(ErrorIds.PlanNotPossible, "no file", "ISOs/empty")]
    [InlineData(ErrorIds.HelperImageMissing, "fetches", "ISOs/elsewhere")]
    [InlineData(ErrorIds.HelperImageMissing, "keeps its files elsewhere", "ISOs/remote")]
    [InlineData(ErrorIds.HelperImageAltered, "is not the helper image of this module", "ISOs/shorter")]
    [InlineData(ErrorIds.HelperImageAltered, "is not the helper image of this module", "ISOs/changed")]
    [InlineData(ErrorIds.HelperImageMissing, "There is no [big] iso/none.iso", "[big] iso/none.iso")]
    [InlineData(ErrorIds.InventoryItemNotFound, "the datastore none", "[none] iso/helper.iso")]
    [InlineData(ErrorIds.PlanNotPossible, "no path of an ISO", "[big] iso/helper.img")]
    [InlineData(ErrorIds.PlanNotPossible, "no path of an ISO", "[big] ../small/helper.iso")]
    [InlineData(ErrorIds.PlanNotPossible, "no path of an ISO", "[big")]
    public async Task What_cannot_be_the_helper_s_CD_is_told_before_the_VM_is_made(string id, string said, string wanted)
    {
        var changed = await File.ReadAllBytesAsync(Image);
        changed[500]++;
        await AddAsync("ISOs", "helper");
        await AddAsync("Other", "helper");
        await AddAsync("Twin", "same");
        await AddAsync("Twin", "same", isAnother: true);
        await AddFilesAsync("ISOs", "two", "a.iso", "b.iso");
        await AddFilesAsync("ISOs", "appliance", "a.ovf", "a.vmdk");
        await AddFilesAsync("ISOs", "empty");
        await AddAsync("ISOs", "elsewhere", storage: "none");
        await AddAsync("ISOs", "remote", storage: "remote");
        await AddAsync("ISOs", "shorter", content: [1, 2, 3]);
        await AddAsync("ISOs", "changed", content: changed);

        var finding = Assert.Single(
            await Destination.TestAsync(Machine(wanted), Image, None),
            finding => finding.Severity == FindingSeverity.Error
        );
        Assert.Equal(id, finding.Id);
        Assert.Contains(said, finding.What, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Remedy);

        // Who starts without a test is told the same, and no VM is left.
        var failure = await Assert.ThrowsAsync<P2VException>(() => CreateAsync(Machine(wanted)));
        Assert.Equal((id, finding.What), (failure.ErrorId, failure.Message));
        Assert.DoesNotContain("CreateVM_Task", Recorder.Calls);
        await Destination.FindPlacesAsync(Machine(wanted), null, None);
        Assert.Null(await Destination.FindAsync(Machine(wanted), "c-1", None));
    }

    [Fact]
    public async Task A_datastore_that_no_host_has_is_told()
    {
        await AddAsync("ISOs", "helper");
        await Server.ControlAsync("/datastore", """{"Name":"small","Mount":"none"}""");
        var finding = Assert.Single(
            await Destination.TestAsync(Machine("ISOs/helper"), Image, None),
            finding => finding.Severity == FindingSeverity.Error
        );
        Assert.Equal(ErrorIds.HostNotAvailable, finding.Id);
        Assert.Contains("small", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_may_have_the_datastore_for_reading_alone()
    {
        await AddAsync("ISOs", "helper");
        await Server.ControlAsync("/datastore", """{"Name":"small","Mount":"readOnly"}""");
        Assert.Single(await CdromsAsync((await CreateAsync(Machine("ISOs/helper"))).Id));
    }

    [Fact]
    public async Task Who_may_not_read_files_compares_the_length_and_is_told()
    {
        await AddAsync("ISOs", "helper");
        await using var limited = await ConnectAsync(SimulatorFixture.UserWithoutFiles);
        var doubt = Assert.Single(
            await limited.TestAsync(Machine("ISOs/helper"), Image, None),
            finding => finding.Severity > FindingSeverity.Information
        );
        Assert.Equal((FindingSeverity.Warning, ErrorIds.HelperImageUnread), (doubt.Severity, doubt.Id));
        await limited.CreateAsync(Machine("ISOs/helper"), Samples.Settings(), Image, "c-1", None);
        Assert.Contains(Console.Lines, line => line.Contains("its length alone was compared", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_right_that_is_missing_is_named()
    {
        await AddAsync("ISOs", "helper");
        await using var limited = await ConnectAsync(SimulatorFixture.UserWithoutLibraries);
        var finding = Assert.Single(
            await limited.TestAsync(Machine("ISOs/helper"), Image, None),
            finding => finding.Severity == FindingSeverity.Error
        );
        Assert.Equal(ErrorIds.ServerPermissionMissing, finding.Id);
        Assert.Contains("ContentLibrary.ReadStorage", finding.Remedy, StringComparison.Ordinal);
        // A path needs no library.
        File.Copy(Image, FileOf("[big] own.iso"));
        Assert.DoesNotContain(
            await limited.TestAsync(Machine("[big] own.iso"), Image, None),
            found => found.Severity == FindingSeverity.Error
        );
    }

    [Fact]
    public async Task A_session_that_was_handed_over_reaches_no_library()
    {
        var session = Server.Options with { UserName = null, Password = null, SessionSecret = Recorder.Cookie };
        await using var borrowed = await VSphereDestination.ConnectAsync(session, Console, None);
        var failure = await Assert.ThrowsAsync<P2VException>(() =>
            borrowed.CreateAsync(Machine("ISOs/helper"), Samples.Settings(), Image, "c-1", None)
        );
        Assert.Equal(ErrorIds.ServerAuthenticationFailed, failure.ErrorId);
        Assert.Contains("content libraries", failure.Message, StringComparison.Ordinal);
        Assert.Contains("-Credential", failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stand_alone_host_has_no_library()
    {
        using var server = SimulatorFixture.Esx();
        await using var destination = await VSphereDestination.ConnectAsync(server.Options, Console, None);
        var machine = Machine("ISOs/helper") with
        {
            Placement = new PlacementSettings { Datastore = "big", HelperImageItem = "ISOs/helper" },
        };
        Assert.Contains(await destination.TestAsync(machine, Image, None), finding => finding.Id == ErrorIds.DestinationNotSupported);
    }

    [Fact]
    public async Task A_wave_asks_for_its_item_once()
    {
        await AddAsync("ISOs", "helper");
        await CreateAsync(Machine("ISOs/helper"));
        await CreateAsync(Machine("ISOs/helper") with { Name = "web02" }, "c-2");
        Assert.Equal(1, Recorder.Paths.Count(path => path.EndsWith("/item/storage", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_item_whose_file_went_is_looked_for_again()
    {
        await AddAsync("ISOs", "helper");
        await Destination.TestAsync(Machine("ISOs/helper"), Image, None);
        File.Delete(Assert.Single(Directory.GetFiles(FileOf("[small] ."), "*.iso", SearchOption.AllDirectories)));
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var findings = await Destination.TestAsync(Machine("ISOs/helper"), Image, None);
            Assert.Contains(findings, finding => finding.Id == ErrorIds.HelperImageMissing);
            Assert.Equal(attempt, Recorder.Paths.Count(path => path.EndsWith("/item/storage", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_server_whose_libraries_do_not_answer_is_told_and_asked_again()
    {
        await AddAsync("ISOs", "helper");
        await Server.ControlAsync("/fault", """{"Method":"REST POST","Kind":"http","Status":503,"Match":"/content/library","Count":3}""");
        var finding = Assert.Single(
            await Destination.TestAsync(Machine("ISOs/helper"), Image, None),
            finding => finding.Id == ErrorIds.ServerUnreachable
        );
        Assert.Equal(FindingSeverity.Error, finding.Severity);
        Assert.Contains("Content libraries", finding.What, StringComparison.Ordinal);
        Assert.DoesNotContain(
            await Destination.TestAsync(Machine("ISOs/helper"), Image, None),
            found => found.Severity == FindingSeverity.Error
        );
    }

    [Theory]
    [InlineData("""{"value":null}""")]
    [InlineData("""{"value":[null,7,{"name":["x.iso"],"storage_backing":"none","storage_uris":{} }]}""")]
    [InlineData(
        """{"value":[{"name":"x.iso","storage_backing":{"datastore_id":"x"},"storage_uris":["ds:///vmfs/volumes/../x.iso","%",""]}]}"""
    )]
    [InlineData("""[]""")]
    public async Task An_odd_answer_is_an_error_with_a_remedy(string answer)
    {
        await AddAsync("ISOs", "helper");
        var fault = new
        {
            Method = "REST GET",
            Kind = "answer",
            Match = "/item/storage",
            Body = answer,
        };
        await Server.ControlAsync("/fault", JsonSerializer.Serialize(fault));
        var failure = await Assert.ThrowsAsync<P2VException>(() => CreateAsync(Machine("ISOs/helper")));
        Assert.Contains(failure.ErrorId, new[] { ErrorIds.PlanNotPossible, ErrorIds.HelperImageMissing, ErrorIds.InventoryItemNotFound });
    }

    private static MachineSpecification Machine(string item) =>
        Samples.Machine() with
        {
            Placement = Samples.Machine().Placement with { HelperImageItem = item },
        };

    private Task<DestinationMachine> CreateAsync(MachineSpecification machine, string conversionId = "c-1") =>
        Destination.CreateAsync(machine, Samples.Settings(conversionId), Image, conversionId, None);

    private Task<VSphereDestination> ConnectAsync(string user) => VSphereDestination.ConnectAsync(Server.OptionsOf(user), Console, None);

    private async Task<IReadOnlyList<string>> CdromsAsync(string id) =>
        [
            .. (await SnapshotAsync(id))
                .Devices.Where(device => device.TypeName() == "VirtualCdrom")
                .Select(device => device.Child("backing").Text("fileName") ?? ""),
        ];

    /// <summary>On this machine.</summary>
    private string FileOf(string path)
    {
        var parts = path.TrimStart('[').Split("] ");
        return Path.Combine(Server.Folder, "datastores", parts[0], parts[1]);
    }

    private Task AddFilesAsync(string library, string item, params string[] files) => AddAsync(library, item, files, "", false, null);

    private Task AddAsync(string library, string item, string storage = "", bool isAnother = false, byte[]? content = null) =>
        AddAsync(library, item, ["linuxp2v-helper.iso"], storage, isAnother, content);

    private async Task AddAsync(string library, string item, string[] files, string storage, bool isAnother, byte[]? content)
    {
        var source = content is null ? Image : Path.GetTempFileName();
        if (content is not null)
            await File.WriteAllBytesAsync(source, content);

        var request = new
        {
            Library = library,
            Datastore = "small",
            Item = item,
            Type = "iso",
            Files = files.ToDictionary(name => name, _ => source),
            Another = isAnother,
            Storage = storage,
        };
        await Server.ControlAsync("/libraryitem", JsonSerializer.Serialize(request));
        if (content is not null)
            File.Delete(source);
    }
}
