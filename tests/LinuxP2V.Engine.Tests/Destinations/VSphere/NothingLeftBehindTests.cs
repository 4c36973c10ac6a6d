using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Images;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Each call of a deployment but those that wait fails once, in every way in which a call can fail.</summary>
public sealed class NothingLeftBehindTests : IDisposable
{
    /// <summary>More calls than a deployment has.</summary>
    private const int MostCalls = 120;

    private readonly SimulatorFixture server = SimulatorFixture.VCenter();
    private readonly string image = Path.GetTempFileName();

    public void Dispose()
    {
        File.Delete(image);
        server.Dispose();
    }

    public static TheoryData<FailureKind> Kinds => [.. Enum.GetValues<FailureKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_deployment_that_fails_leaves_nothing(FailureKind kind)
    {
        var admin = await server.ConnectAsync();
        await PutStrangerAsync();
        var before = await MachinesAsync(admin);
        var failed = new List<string>();
        for (var number = 1; ; number++)
        {
            Assert.True(number < MostCalls);
            // Another image each time, or the upload would be left out.
            await File.WriteAllTextAsync(image, $"{kind} {number}");
            var failing = new FailingHandler { Kind = kind };
            await using var destination = await VSphereDestination.ConnectAsync(server.Options, NullConsole.Instance, failing.Around, CancellationToken.None);
            failing.FailFrom(number);
            P2VException? error = null;
            try
            {
                var machine = await destination.CreateAsync(Samples.Machine("victim"), Samples.Settings(), image, "c-1", CancellationToken.None);
                failing.FailAt = 0;
                await destination.DeleteAsync(machine.Id, CancellationToken.None);
            }
            catch (P2VException exception)
            {
                error = exception;
            }

            failing.FailAt = 0;
            Assert.Equal(before, await MachinesAsync(admin));
            Assert.Empty(await HalfImagesAsync(admin));
            if (failing.Failed is null)
            {
                Assert.Null(error);
                break;
            }

            failed.Add($"{failing.Failed}{(error is null ? " (made up for)" : "")}");
        }

        // Each call that makes something was among those that failed.
        foreach (var call in new[] { "CreateVM_Task", "MoveDatastoreFile_Task", "PUT" })
            Assert.Contains(call, failed);

        await admin.CloseAsync();
    }

    [Fact]
    public async Task A_deployment_that_is_stopped_leaves_nothing()
    {
        var admin = await server.ConnectAsync();
        var before = await MachinesAsync(admin);
        foreach (var call in new[] { "PUT", "MoveDatastoreFile_Task", "CreateVM_Task", "SetField" })
        {
            await File.WriteAllTextAsync(image, call);
            using var stop = new CancellationTokenSource();
            var stopping = new StoppingHandler(call, stop);
            await using var destination = await VSphereDestination.ConnectAsync(server.Options, NullConsole.Instance, stopping.Around, CancellationToken.None);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => destination.CreateAsync(Samples.Machine("victim"), Samples.Settings(), image, "c-1", stop.Token));
            Assert.Equal(before, await MachinesAsync(admin));
            Assert.Empty(await HalfImagesAsync(admin));
        }

        await admin.CloseAsync();
    }

    /// <summary>A VM of another conversion in the same folder, which must stay.</summary>
    private async Task PutStrangerAsync()
    {
        await File.WriteAllTextAsync(image, "stranger");
        await using var destination = await VSphereDestination.ConnectAsync(server.Options, NullConsole.Instance, CancellationToken.None);
        await destination.CreateAsync(Samples.Machine("stranger"), Samples.Settings("c-0"), image, "c-0", CancellationToken.None);
    }

    private static async Task<IReadOnlyList<string>> MachinesAsync(VimClient admin)
    {
        var found = await admin.Properties.ReadTreeAsync(
            admin.Content.RootFolder, new Dictionary<string, string[]> { ["VirtualMachine"] = ["name"] }, CancellationToken.None);
        return [.. found.Select(machine => machine["name"]!.Value).Order()];
    }

    private static async Task<IReadOnlyList<string>> HalfImagesAsync(VimClient admin)
    {
        var stores = await admin.Properties.ReadTreeAsync(
            admin.Content.RootFolder, new Dictionary<string, string[]> { ["Datastore"] = ["name", "browser"] }, CancellationToken.None);
        var files = new List<string>();
        foreach (var store in stores)
        {
            try
            {
                var search = VimData.Of("HostDatastoreBrowserSearchSpec", ("matchPattern", "*"));
                var result = await admin.Tasks.RunAsync(
                    "SearchDatastore_Task",
                    store["browser"].AsReference()!.Value,
                    [("datastorePath", $"[{store["name"]!.Value}] {HelperImageName.Folder}"), ("searchSpec", search)],
                    CancellationToken.None);
                files.AddRange(result.Children("file").Select(file => file.Text("path") ?? ""));
            }
            catch (VimFaultException fault) when (fault.Is("FileNotFound"))
            {
            }
        }

        return [.. files.Where(file => !file.EndsWith(".iso", StringComparison.Ordinal))];
    }

    /// <summary>Stops the caller while a call is under way.</summary>
    private sealed class StoppingHandler(string call, CancellationTokenSource stop) : RecordingHandler
    {
        protected override async Task<HttpResponseMessage> AnswerAsync(string name, HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.AnswerAsync(name, request, cancellationToken);
            if (name == call)
                await stop.CancelAsync();

            return response;
        }
    }
}
