using System.Text.Json;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

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

    public virtual async Task InitializeAsync()
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

    /// <summary>What the helper of the sample says.</summary>
    private protected static HelperAnnouncement Word(bool isFinished = false) =>
        new()
        {
            ConversionId = "c-1",
            BootId = "boot-1",
            Addresses = [],
            HostKey = "ssh-ed25519 HOST",
            AuthorizedKey = "ssh-ed25519 AAAA",
            IsFinished = isFinished,
        };

    /// <summary>In the guest's place, by the API: so it outlasts the power.</summary>
    private protected async Task SayAsync(string id, HelperAnnouncement word)
    {
        var text = JsonSerializer.Serialize(word, ProtocolJson.Default.HelperAnnouncement);
        var spec = VimData.Of("VirtualMachineConfigSpec", ("extraConfig", VimData.Option(HelperKeys.Announcement, text)));
        await Admin.Tasks.RunAsync("ReconfigVM_Task", ManagedObject.Machine(id), [("spec", spec)], None);
    }
}
