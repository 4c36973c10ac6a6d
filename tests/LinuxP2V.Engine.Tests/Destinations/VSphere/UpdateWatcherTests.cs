using System.Diagnostics;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>What many waiters cost a server, and that each of them learns what it waits for.</summary>
public sealed class UpdateWatcherTests : IDisposable
{
    private const int Many = 100;
    private static readonly string[] Paths = ["name"];
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly SimulatorFixture server = SimulatorFixture.VCenter();

    private static CancellationToken None => CancellationToken.None;

    public void Dispose() => server.Dispose();

    [Fact]
    public async Task A_hundred_waiters_cost_no_more_calls_than_one()
    {
        var recorder = new RecordingHandler();
        var timing = new UpdateTiming { Window = TimeSpan.FromSeconds(1), ReadingInterval = TimeSpan.FromSeconds(3) };
        var client = await VimClient.ConnectAsync(server.Options, recorder.Around, None, timing);
        var folders = await MakeFoldersAsync(client, Many);
        using var enough = new CancellationTokenSource();
        var waits = folders.Select(folder => WaitAsync(client, folder, enough.Token)).ToList();
        await StandAsync(client, recorder, Many);

        recorder.Calls.Clear();
        var clock = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(6));
        var calls = recorder.Calls.ToList();
        var seconds = clock.Elapsed.TotalSeconds;
        Assert.Equal(["RetrievePropertiesEx", "WaitForUpdatesEx"], calls.Distinct().Order());
        Assert.InRange(calls.Count(call => call == "WaitForUpdatesEx"), 1, seconds + 2);
        Assert.InRange(calls.Count(call => call == "RetrievePropertiesEx"), 1, (seconds / 3) + 2);

        // Each is told its own, and the others wait on.
        foreach (var folder in folders.Take(2))
            await RenameAsync(client, folder);

        await Task.WhenAll(waits.Take(2)).WaitAsync(Timeout);
        Assert.All(waits.Skip(2), wait => Assert.False(wait.IsCompleted));
        enough.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waits).WaitAsync(Timeout));
        Assert.Equal(0, client.Updates.Count);
        await client.CloseAsync();
    }

    [Fact]
    public async Task An_object_that_is_gone_fails_its_own_waiter_alone()
    {
        var recorder = new RecordingHandler();
        var timing = new UpdateTiming { Window = TimeSpan.FromSeconds(1), ReadingInterval = TimeSpan.FromSeconds(2) };
        var client = await VimClient.ConnectAsync(server.Options, recorder.Around, None, timing);
        var folders = await MakeFoldersAsync(client, 9);
        var waits = folders.Select(folder => WaitAsync(client, folder, None)).ToList();
        await StandAsync(client, recorder, folders.Count);

        await client.Tasks.RunAsync("Destroy_Task", folders[4], [], None);
        var fault = await Assert.ThrowsAsync<VimFaultException>(() => waits[4].WaitAsync(Timeout));
        Assert.Equal("ManagedObjectNotFound", fault.Fault);
        Assert.All(waits.Where((_, index) => index != 4), wait => Assert.False(wait.IsCompleted));

        foreach (var folder in folders.Where((_, index) => index != 4))
            await RenameAsync(client, folder);

        await Task.WhenAll(waits.Where((_, index) => index != 4)).WaitAsync(Timeout);
        await client.CloseAsync();
    }

    [Fact]
    public async Task What_the_server_tells_arrives_without_reading_also_after_a_wait_that_failed()
    {
        var recorder = new RecordingHandler();
        var timing = new UpdateTiming { Window = TimeSpan.FromMinutes(2), ReadingInterval = TimeSpan.FromMinutes(10) };
        var client = await VimClient.ConnectAsync(server.Options, recorder.Around, None, timing);
        var folders = await MakeFoldersAsync(client, 4);
        var waits = folders.Take(2).Select(folder => WaitAsync(client, folder, None)).ToList();
        await StandAsync(client, recorder, 2);
        await RenameAsync(client, folders[0]);
        await waits[0].WaitAsync(Timeout);

        // The next wait fails, and before the collector is set up again somebody new makes one.
        await server.ControlAsync("/fault", """{"method":"WaitForUpdatesEx","kind":"fault","fault":"SystemError","count":1}""");
        var before = Calls("WaitForUpdatesEx");
        waits.Add(WaitAsync(client, folders[2], None));
        await UntilAsync(() => Calls("WaitForUpdatesEx") > before);
        waits.Add(WaitAsync(client, folders[3], None));
        await UntilAsync(() => Calls("CreatePropertyCollector") == 2 && Calls("WaitForUpdatesEx") > before + 1);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await RenameAsync(client, folders[1]);
        await waits[1].WaitAsync(Timeout);

        foreach (var folder in folders.Skip(2))
            await RenameAsync(client, folder);

        await Task.WhenAll(waits).WaitAsync(Timeout);
        await client.CloseAsync();

        int Calls(string name) => recorder.Calls.Count(call => call == name);
    }

    [Fact]
    public async Task A_change_that_the_server_does_not_tell_is_found_by_reading()
    {
        var deaf = new DeafHandler();
        var timing = new UpdateTiming { Window = TimeSpan.FromSeconds(1), ReadingInterval = TimeSpan.FromSeconds(2) };
        var client = await VimClient.ConnectAsync(server.Options, deaf.Around, None, timing);
        var folders = await MakeFoldersAsync(client, 3);
        var waits = folders.Select(folder => WaitAsync(client, folder, None)).ToList();
        await StandAsync(client, deaf, folders.Count);
        deaf.IsDeaf = true;
        foreach (var folder in folders)
            await RenameAsync(client, folder);

        await Task.WhenAll(waits).WaitAsync(Timeout);
        await client.CloseAsync();
    }

    [Fact]
    public async Task A_refusal_that_holds_for_all_ends_all_waits()
    {
        var client = await server.ConnectAsync();
        var folders = await MakeFoldersAsync(client, 3);
        var waits = folders.Select(folder => WaitAsync(client, folder, None)).ToList();
        while (client.Updates.Count < waits.Count)
            await Task.Delay(20);

        // The account's password was changed, and the session ends.
        await server.ControlAsync("/fault", """{"method":"Login","kind":"fault","fault":"InvalidLogin","count":-1}""");
        await server.ControlAsync("/session/drop", """{"User":"*"}""");
        foreach (var wait in waits)
        {
            var fault = await Assert.ThrowsAsync<VimFaultException>(() => wait.WaitAsync(Timeout));
            Assert.Equal("InvalidLogin", fault.Fault);
        }

        await client.CloseAsync();
    }

    [Fact]
    public async Task A_connection_that_is_closed_ends_its_waits()
    {
        var client = await server.ConnectAsync();
        var wait = WaitAsync(client, (await MakeFoldersAsync(client, 1))[0], None);
        while (client.Updates.Count == 0)
            await Task.Delay(20);

        await Task.Delay(500);
        await client.CloseAsync();
        await Assert.ThrowsAsync<VimTransportException>(() => wait.WaitAsync(Timeout));
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_nothing_behind()
    {
        var recorder = new RecordingHandler();
        var client = await server.ConnectAsync(recorder.Around);
        var folder = (await MakeFoldersAsync(client, 1))[0];
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WaitAsync(client, folder, enough.Token).WaitAsync(Timeout));
        Assert.Equal(0, client.Updates.Count);
        Assert.Equal(recorder.Calls.Count(call => call == "CreateFilter"), recorder.Calls.Count(call => call == "DestroyPropertyFilter"));
        await client.CloseAsync();
    }

    /// <summary>Until all filters stand, and nothing but the calls of a rest has come for a second.</summary>
    private static async Task StandAsync(VimClient client, RecordingHandler recorder, int waiters)
    {
        while (client.Updates.Count < waiters || Others() < waiters)
            await Task.Delay(50);

        int before;
        do
        {
            before = Others();
            await Task.Delay(TimeSpan.FromSeconds(1));
        } while (Others() > before);

        int Others() => recorder.Calls.Count(call => call is "CreateFilter" or "CancelWaitForUpdates");
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Timeout);
        while (!isSo())
            await Task.Delay(20, limit.Token);
    }

    private static async Task<List<ManagedObject>> MakeFoldersAsync(VimClient client, int count)
    {
        var folders = new List<ManagedObject>();
        foreach (var number in Enumerable.Range(1, count))
        {
            var made = await client.CallAsync("CreateFolder", client.Content.RootFolder, [("name", $"before{number}")], None);
            folders.Add(made.Reference("returnval")!.Value);
        }

        return folders;
    }

    private static Task<ObjectProperties> WaitAsync(VimClient client, ManagedObject folder, CancellationToken cancellationToken) =>
        client.Updates.WaitAsync(
            folder,
            Paths,
            item => item["name"]?.Value.StartsWith("after", StringComparison.Ordinal) == true,
            cancellationToken
        );

    private static Task<System.Xml.Linq.XElement> RenameAsync(VimClient client, ManagedObject folder) =>
        client.CallAsync("Rename_Task", folder, [("newName", $"after-{folder.Value}")], None);

    /// <summary>Has the server's word of a change never arrive.</summary>
    private sealed class DeafHandler : RecordingHandler
    {
        public bool IsDeaf { get; set; }

        protected override async Task<HttpResponseMessage> AnswerAsync(
            string name,
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            if (name != "WaitForUpdatesEx" || !IsDeaf)
                return await base.AnswerAsync(name, request, cancellationToken);

            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            return new HttpResponseMessage(System.Net.HttpStatusCode.OK)
            {
                Content = new StringContent(
                    """
                    <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
                    <WaitForUpdatesExResponse xmlns="urn:vim25"/></soapenv:Body></soapenv:Envelope>
                    """,
                    System.Text.Encoding.UTF8,
                    "text/xml"
                ),
            };
        }
    }
}
