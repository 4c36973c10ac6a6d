using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Views;

/// <summary>What the source's LVM says of a volume. Sizes in bytes.</summary>
/// <param name="Pool">Of a thin volume; empty for another.</param>
internal sealed record LvmVolume(string Group, string Name, string Pool, long Size, long GroupFree, long ExtentSize)
{
    public bool IsThin => Pool.Length > 0;

    /// <summary>What <see cref="Script"/> prints for a device of LVM of which lvs tells nothing.</summary>
    public const string Untold = "linuxp2v-untold";

    /// <summary>For a file system's device; prints nothing where it is on no LVM.</summary>
    public static string Script(string device) =>
        "told=$(lvs --noheadings --units b --nosuffix --separator '|' -o "
        + $"vg_name,lv_name,pool_lv,lv_size,vg_free,vg_extent_size {PosixShell.Quote(device)} 2>/dev/null)\n"
        + "[ -z \"$told\" ] || { printf '%s\\n' \"$told\"; exit 0; }\n"
        + $"name=$(readlink -f {PosixShell.Quote(device)})\n"
        + $"case $(cat \"/sys/class/block/${{name##*/}}/dm/uuid\" 2>/dev/null) in LVM-*) echo {Untold} ;; esac";

    /// <returns>Null when the line describes none.</returns>
    public static LvmVolume? Parse(string line) =>
        line.Trim().Split('|') is [var group, var name, var pool, var size, var free, var extent]
        && Bytes(size) is { } sizeBytes
        && Bytes(free) is { } freeBytes
        && Bytes(extent) is > 0 and var extentBytes
            ? new LvmVolume(group, name, pool, sizeBytes, freeBytes, extentBytes)
            : null;

    /// <summary>How much of the free space a snapshot gets; more than the volume itself it can never need.</summary>
    /// <param name="sharing">How many snapshots share the group's free space.</param>
    /// <returns>Whole extents, in bytes; null when what there is would be full at once.</returns>
    public long? SnapshotSize(int sharing)
    {
        const long Least = 16L << 20;
        // Its own bookkeeping comes on top of what it holds.
        var most = Size + (Size / 50) + (4L << 20);
        var share = Math.Min(GroupFree / Math.Max(1, sharing), most) / ExtentSize * ExtentSize;
        return share >= Math.Max(Least, Size / 200) ? share : null;
    }

    /// <returns>Null for what is no size; a volume of LVM has 8 EiB at most.</returns>
    private static long? Bytes(string text) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= 1L << 62
            ? (long)number
            : null;
}

/// <summary>A snapshot of a volume on LVM, mounted read-only in namespaces of our own alone.</summary>
internal sealed class LvmSnapshot : IFrozenView, ISnapshot
{
    private readonly SnapshotKeeper keeper;
    private readonly string options;
    private readonly string folder;

    private LvmSnapshot(SnapshotKeeper keeper, string name, string device, string options, string folder) =>
        (this.keeper, Name, Device, this.options, this.folder) = (keeper, name, device, options, folder);

    /// <summary>Group and volume.</summary>
    public string Name { get; }

    public string Device { get; }

    public bool SeesBelowMounts => true;

    public long? Moment => keeper.Moment;

    public Task<AgentException> Broken => keeper.Broken;

    /// <exception cref="AgentException">SnapshotFailed, with numbers where there is no room; SourceConnectionLost.</exception>
    public static async Task<LvmSnapshot> CreateAsync(
        ICopyStreams streams,
        SourceTools tools,
        TargetVolume volume,
        LvmVolume lvm,
        SnapshotName name,
        int sharing,
        CancellationToken cancellationToken
    )
    {
        long? size = lvm.IsThin
            ? null
            : lvm.SnapshotSize(sharing)
                ?? throw new AgentException(
                    ErrorIds.SnapshotFailed,
                    FormattableString.Invariant($"Volume group {lvm.Group} has {lvm.GroupFree >> 20} MB free for {sharing} snapshots: ")
                        + FormattableString.Invariant($"too little for one of {volume.Id} ({lvm.Size >> 20} MB)."),
                    "Free some space in the volume group or add a disk to it; or copy without a snapshot."
                );
        var folder = tools.BindFolder!;
        var device = VolumeGroups.DevicePath(lvm.Group, name.Volume);
        var options = volume.FileSystem.Kind == FileSystemKind.Xfs ? "ro,nouuid" : "ro";
        var full = PosixShell.Quote($"{lvm.Group}/{name.Volume}");
        var create = lvm.IsThin
            ? $"lvcreate -s -kn -n {name.Volume} --addtag {name.Tag} {PosixShell.Quote($"{lvm.Group}/{lvm.Name}")}"
            : FormattableString.Invariant(
                $"lvcreate -s -n {name.Volume} --addtag {name.Tag} -L {size}b {PosixShell.Quote($"{lvm.Group}/{lvm.Name}")}"
            );
        var make = $$"""
            tries=0
            while [ -n "$(lvs --noheadings -o lv_name @{{name.Tag}} 2>/dev/null | grep -F {{name.Volume}})" ] && [ $tries -lt 60 ]; do
              lvremove -f {{full}} >/dev/null 2>&1 || sleep 1
              tries=$((tries + 1))
            done
            {{create}} >/dev/null 3<&- || exit 3
            mount -o {{options}} {{PosixShell.Quote(device)}} {{PosixShell.Quote(folder)}} || exit 4
            """;
        var drop = $$"""
            umount {{PosixShell.Quote(folder)}} 2>/dev/null
            lvs {{full}} >/dev/null 2>&1 || return 0
            lvremove -f {{full}} 3<&-
            """;
        var keeper = await SnapshotKeeper.StartAsync(
            streams.Source,
            volume.Id,
            SnapshotKeeper.Script(
                name.Tag + name.Volume,
                make,
                lvm.IsThin ? WatchPool(lvm) : Watch(full),
                lvm.IsThin ? ":" : Watch(full, atTheEnd: true),
                drop
            ),
            cancellationToken
        );
        return new LvmSnapshot(keeper, $"{lvm.Group}/{name.Volume}", device, options, folder);
    }

    public string In(string script)
    {
        var inner = $$"""
            mount --make-rprivate / && mount -o {{options}} "$1" "$2" && cd "$2" || exit 125
            {{script}}
            """;
        return PosixShell.Join("exec", "unshare", "-m", "sh", "-c", inner, "sh", Device, folder);
    }

    public string Beside(string script) => $"[ -b {PosixShell.Quote(Device)} ] || exit {ISourceView.NotMounted}\n{script}";

    public Task<SnapshotEnd> EndAsync() => keeper.EndAsync();

    public ValueTask DisposeAsync() => keeper.DisposeAsync();

    /// <summary>A full snapshot turns invalid: the fifth letter of its attributes is I or S then.</summary>
    /// <param name="atTheEnd">The last look: what is not told then is not good.</param>
    private static string Watch(string full, bool atTheEnd = false) =>
        $$"""
            set -- $(lvs --noheadings -o snap_percent,lv_attr {{full}} 2>/dev/null 3<&-)
            {{(atTheEnd ? $"[ $# -gt 0 ] || {{ echo {SnapshotKeeper.BrokenWord} 'lvs does not tell how full it is'; return 1; }}" : "")}}
            case "$1" in 100*) echo {{SnapshotKeeper.BrokenWord}} "$1 % are used"; return 1 ;; esac
            case "$2" in ????[IS]*) echo {{SnapshotKeeper.BrokenWord}} "it is invalid"; return 1 ;; esac
            """;

    /// <summary>
    /// A thin snapshot has no size of its own and does not break, but a full pool stops the source itself: the copy gives
    /// way before.
    /// </summary>
    private static string WatchPool(LvmVolume lvm) =>
        $$"""
            set -- $(lvs --noheadings -o data_percent {{PosixShell.Quote($"{lvm.Group}/{lvm.Pool}")}} 2>/dev/null 3<&-)
            case "$1" in 9[6-9]*|100*) echo {{SnapshotKeeper.BrokenWord}} "its pool {{lvm.Pool}} is used by $1 %"; return 1 ;; esac
            """;
}
