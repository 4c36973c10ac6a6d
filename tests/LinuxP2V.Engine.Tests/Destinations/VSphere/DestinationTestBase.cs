using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A vCenter without machines behind it, the destination under test, and an administrator beside it.</summary>
public abstract class DestinationTestBase : IAsyncLifetime
{
    private protected static CancellationToken None => CancellationToken.None;

    private protected SimulatorFixture Server { get; } = SimulatorFixture.VCenter();

    /// <summary>Keeps what the destination asked.</summary>
    private protected RecordingHandler Recorder { get; } = new();

    /// <summary>Keeps what the destination said.</summary>
    private protected ListeningConsole Console { get; } = new();

    /// <summary>The helper image's file.</summary>
    private protected string Image { get; } = Path.GetTempFileName();

    private protected VSphereDestination Destination { get; private set; } = null!;

    private protected VimClient Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllBytesAsync(Image, [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i % 251))]);
        Destination = await VSphereDestination.ConnectAsync(Server.Options, Console, Recorder.Around, None);
        Admin = await Server.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        File.Delete(Image);
        await Destination.DisposeAsync();
        await Admin.CloseAsync();
        Server.Dispose();
    }

    private protected async Task<MachineSnapshot> SnapshotAsync(string id) =>
        new(await Admin.Properties.ReadAsync(ManagedObject.Machine(id), MachineSnapshot.Paths, None));
}
