using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Files of datastores over HTTP: what a transfer outlives, what it is told by, and what stays behind.</summary>
public sealed class DatastoreFileTests : IAsyncLifetime
{
    private const string OddName = "odd & 100% +1";

    private readonly SimulatorFixture server = SimulatorFixture.VCenter(OddName + "=20");
    private readonly string image = Path.GetTempFileName();
    private VSphereDestination destination = null!;

    private static CancellationToken None => CancellationToken.None;

    public async Task InitializeAsync()
    {
        await File.WriteAllBytesAsync(image, new byte[70_000]);
        destination = await VSphereDestination.ConnectAsync(server.Options, new ListeningConsole(), None);
    }

    public async Task DisposeAsync()
    {
        File.Delete(image);
        await destination.DisposeAsync();
        server.Dispose();
    }

    /// <summary>What happens to a transfer, and how often.</summary>
    [Theory]
    [InlineData("PUT", "http", 500, 1)]
    [InlineData("PUT", "http", 503, 3)]
    [InlineData("PUT", "http", 429, 1)]
    [InlineData("PUT", "http", 401, 1)]
    [InlineData("PUT", "disconnect", 0, 2)]
    [InlineData("PUT", "dropSession", 0, 1)]
    [InlineData("GET", "http", 502, 2)]
    [InlineData("GET", "dropSession", 0, 1)]
    public async Task A_transfer_outlives_a_fault_that_passes(string method, string kind, int status, int count)
    {
        await FailAsync(method, kind, status, count);

        Assert.True(Assert.Single(await destination.PublishHelperImageAsync("big", image, None)).IsIntact);

        Assert.Empty(Leftovers("big"));
    }

    [Theory]
    [InlineData(401, ErrorIds.ServerSessionEnded)]
    [InlineData(403, ErrorIds.ServerPermissionMissing)]
    [InlineData(404, ErrorIds.InventoryItemNotFound)]
    [InlineData(407, ErrorIds.ServerUnreachable)]
    [InlineData(413, ErrorIds.DestinationFull)]
    [InlineData(507, ErrorIds.DestinationFull)]
    [InlineData(500, ErrorIds.ServerUnreachable)]
    public async Task A_fault_that_stays_is_told_by_its_cause(int status, string errorId)
    {
        await FailAsync("PUT", "http", status, count: -1);

        var error = await Assert.ThrowsAsync<P2VException>(() => destination.PublishHelperImageAsync("big", image, None));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains($"HTTP {status}", error.Message, StringComparison.Ordinal);
        Assert.Empty(Leftovers("big"));
    }

    [Fact]
    public async Task Names_with_every_kind_of_sign_arrive()
    {
        var sent = Assert.Single(await destination.PublishHelperImageAsync(OddName, image, None));

        Assert.Equal(OddName, sent.Datastore);
        Assert.True(sent.IsIntact);
    }

    [Fact]
    public async Task What_an_engine_that_died_left_behind_is_removed_once_it_is_old()
    {
        await destination.PublishHelperImageAsync("big", image, None);
        var folder = Path.GetDirectoryName(
            Assert.Single(Directory.GetFiles(server.Folder, "linuxp2v-helper-*.iso", SearchOption.AllDirectories))
        )!;
        var (old, young) = (Path.Combine(folder, "upload-old.part"), Path.Combine(folder, "upload-young.part"));
        await File.WriteAllTextAsync(old, "half");
        await File.WriteAllTextAsync(young, "half");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        await File.WriteAllBytesAsync(image, new byte[80_000]);

        await destination.PublishHelperImageAsync("big", image, None);

        Assert.Equal([young], Leftovers("big"));
    }

    [Theory]
    [InlineData("fault")]
    [InlineData("taskError")]
    public async Task Another_task_with_the_same_object_is_waited_for_up_to_a_limit(string kind)
    {
        await BusyAsync(kind);
        Assert.True(Assert.Single(await destination.PublishHelperImageAsync("big", image, None)).IsIntact);

        await BusyAsync(kind);
        var options = server.Options with { BusyTimeout = TimeSpan.Zero };
        await using var hasty = await VSphereDestination.ConnectAsync(options, new ListeningConsole(), None);
        var error = await Assert.ThrowsAsync<P2VException>(() => hasty.PublishHelperImageAsync("small", image, None));
        Assert.Equal(ErrorIds.OperationOutOfOrder, error.ErrorId);

        Task BusyAsync(string kind) =>
            server.ControlAsync("/fault", $$"""{"method":"MoveDatastoreFile_Task","kind":"{{kind}}","fault":"TaskInProgress"}""");
    }

    private Task FailAsync(string method, string kind, int status, int count) =>
        server.ControlAsync(
            "/fault",
            $$"""{"method":"{{method}} /folder","kind":"{{kind}}","status":{{status}},"count":{{count}},"afterBytes":1000}"""
        );

    private string[] Leftovers(string datastore) =>
        [
            .. Directory
                .GetFiles(server.Folder, "upload-*", SearchOption.AllDirectories)
                .Where(file => file.Contains(datastore, StringComparison.Ordinal)),
        ];
}
