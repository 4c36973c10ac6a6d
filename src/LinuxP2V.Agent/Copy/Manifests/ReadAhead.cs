using System.Globalization;
using LinuxP2V.Agent.Copy.Streams;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Copy.Manifests;

/// <summary>
/// Brings the source's inodes into its memory while find lists them one by one: a single find mostly waits for the disk,
/// and its list cannot be divided without losing its order. Names of directories come many times faster than the facts
/// of all files, so that two readers stay ahead of the one that prints.
/// </summary>
internal static class ReadAhead
{
    private const int Readers = 2;
    private const int FoldersAtOnce = 100;

    /// <summary>
    /// Costs processor time of the source: not where there is one processor, nor where it asked to be spared; nor where
    /// a mount inside the volume is seen, into which the readers would go.
    /// </summary>
    public static bool IsWorthwhile(SourceTools tools, ISourceView view, ICopyStreams streams) =>
        tools.Lister == ManifestTool.Find && tools.Cpus > 1 && view.SeesBelowMounts && !streams.Options.LowImpact;

    /// <summary>
    /// A script around the one that lists, in the volume's root: with its output and exit code, and nothing left running
    /// behind it. Where memory does not hold all inodes (1.5 kB each) twice over, or the file system does not count them,
    /// or a tool is missing, it only lists.
    /// </summary>
    /// <param name="prune">The conditions of find that leave out what is excluded.</param>
    public static string Around(string list, string prune)
    {
        var look = PosixShell.Quote("exec find \"$@\" -maxdepth 1 -size -0");
        var readers = PosixShell.Quote(string.Create(
            CultureInfo.InvariantCulture, $"find . -xdev {prune}-type d -print0 | xargs -0 -n {FoldersAtOnce} -P {Readers} sh -c {look} sh"));
        // A group of their own, so that all of them end at once: one that went on would hold the namespace, and a snapshot
        // with it. Readers that are long done may have left their number to a stranger: only a child of ours is ended.
        return $$"""
            ahead=
            if stat -f -c '%c %d' . 2>/dev/null | awk '
              FNR == NR { used = $1 - $2; next }
              /^MemAvailable:/ { fits = used > 0 && used * 3 < $2 }
              END { exit !fits }' - /proc/meminfo 2>/dev/null
            then
              setsid sh -c {{readers}} </dev/null >/dev/null 2>&1 &
              ahead=$!
            fi
            {{list}}
            code=$?
            if [ -n "$ahead" ] && [ "$(awk '/^PPid:/ { print $2 }' "/proc/$ahead/status" 2>/dev/null)" = $$ ]; then
              kill -TERM "-$ahead" 2>/dev/null
            fi
            exit $code
            """;
    }
}
