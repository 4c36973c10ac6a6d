using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Views;

/// <summary>A mounted volume of the running source, as it is now.</summary>
internal sealed class LiveView(SourceTools tools, TargetVolume volume) : ISourceView
{
    private readonly string mountPoint = volume.MountPoint ?? throw new ArgumentException("A swap area has no files.", nameof(volume));

    public bool SeesBelowMounts => tools.BindFolder is not null;

    public string In(string script)
    {
        // A nested subvolume has no mount of its own: it is a folder, whose number is that of each subvolume's root.
        var check = volume.Subvolume is { IsNested: true }
            ? $"[ \"$(stat -c %i {PosixShell.Quote(mountPoint)} 2>/dev/null)\" = 256 ] || exit {ISourceView.NotMounted}"
            : "cut -d ' ' -f 5 /proc/self/mountinfo | grep -qxF "
                + $"{PosixShell.Quote(MountInfoName(mountPoint))} || exit {ISourceView.NotMounted}";
        if (tools.BindFolder is null)
            return $"{check}\ncd {PosixShell.Quote(mountPoint)} || exit 125\n{script}";

        // A namespace of our own: nothing of this is seen on the source, and it ends with the last process in it.
        var inner = $$"""
            mount --make-rprivate / && mount --bind "$1" "$2" && cd "$2" || exit 125
            {{script}}
            """;
        return $"{check}\n{PosixShell.Join("exec", "unshare", "-m", "sh", "-c", inner, "sh", mountPoint, tools.BindFolder)}";
    }

    /// <summary>As the kernel writes it, which knows no quotes.</summary>
    public static string MountInfoName(string path) =>
        path.Replace("\\", "\\134", StringComparison.Ordinal)
            .Replace(" ", "\\040", StringComparison.Ordinal)
            .Replace("\t", "\\011", StringComparison.Ordinal)
            .Replace("\n", "\\012", StringComparison.Ordinal);
}
