using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Views;

/// <summary>A read-only snapshot of a btrfs subvolume, at the file system's top, where no mount point shows it.</summary>
internal sealed class BtrfsSnapshot : ISourceView, ISnapshot
{
    private readonly SnapshotKeeper keeper;
    private readonly string device;
    private readonly string name;
    private readonly string folder;

    private BtrfsSnapshot(SnapshotKeeper keeper, string device, string name, string folder) =>
        (this.keeper, this.device, this.name, this.folder) = (keeper, device, name, folder);

    /// <summary>Below the top of the file system, where subvolid=5 is mounted.</summary>
    public string Name => name;

    public bool SeesBelowMounts => true;

    public long? Moment => keeper.Moment;

    public Task<AgentException> Broken => keeper.Broken;

    /// <param name="device">What the volume is mounted from on the source.</param>
    /// <exception cref="AgentException">SnapshotFailed, SourceConnectionLost.</exception>
    public static async Task<BtrfsSnapshot> CreateAsync(
        ICopyStreams streams,
        SourceTools tools,
        TargetVolume volume,
        string device,
        SnapshotName name,
        CancellationToken cancellationToken
    )
    {
        var folder = tools.BindFolder!;
        var hidden = "." + name.Volume;
        var path = PosixShell.Quote($"{folder}/{hidden}");
        var make = $$"""
            mount -t btrfs -o subvolid=5 {{PosixShell.Quote(device)}} {{PosixShell.Quote(folder)}} || exit 4
            [ ! -d {{path}} ] || btrfs subvolume delete {{path}} >/dev/null || exit 5
            btrfs subvolume snapshot -r {{PosixShell.Quote(volume.MountPoint!)}} {{path}} >/dev/null || exit 3
            """;
        var drop = $$"""
            [ ! -d {{path}} ] || btrfs subvolume delete {{path}}
            """;
        var keeper = await SnapshotKeeper.StartAsync(
            streams.Source,
            volume.Id,
            SnapshotKeeper.Script(name.Tag + name.Volume, make, ":", ":", drop),
            cancellationToken
        );
        return new BtrfsSnapshot(keeper, device, hidden, folder);
    }

    public string In(string script)
    {
        var inner = $$"""
            mount --make-rprivate / && mount -t btrfs -o "ro,subvol=/$3" "$1" "$2" && cd "$2" || exit 125
            {{script}}
            """;
        return PosixShell.Join("exec", "unshare", "-m", "sh", "-c", inner, "sh", device, folder, name);
    }

    public Task<SnapshotEnd> EndAsync() => keeper.EndAsync();

    public ValueTask DisposeAsync() => keeper.DisposeAsync();
}
