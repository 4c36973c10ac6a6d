using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Views;

/// <summary>What the kernel of the source says of a mount point.</summary>
internal static class MountedFrom
{
    /// <returns>The device node; null when nothing, or no device, is mounted there.</returns>
    public static async Task<string?> ReadAsync(ICopyStreams streams, TargetVolume volume, CancellationToken cancellationToken)
    {
        var answer = await streams.AskAsync(
            $"{Facts(volume.MountPoint!)}\n[ -b \"$device\" ] && printf '%s' \"$device\"\n:",
            cancellationToken
        );
        return answer.Output.Length > 0 ? answer.Output : null;
    }

    /// <summary>
    /// A script that sets device, and sets state to ro where the file system itself says that it is read-only, else to rw.
    /// The last mount at a place hides the others.
    /// </summary>
    public static string Facts(string mountPoint) =>
        $$"""
            state= device=
            while read -r id parent number root point rest; do
              [ "$point" = {{PosixShell.Quote(LiveView.MountInfoName(mountPoint))}} ] || continue
              rest=${rest#* - }; rest=${rest#* }; device=${rest%% *}; state=rw
              [ "$root" = / ] && case ",${rest#* }," in *,ro,*) state=ro ;; esac
            done < /proc/self/mountinfo
            """;
}
