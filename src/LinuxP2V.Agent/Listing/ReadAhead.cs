using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Listing;

/// <summary>
/// Brings into the source's memory what find lists one by one, as its list cannot be divided without losing its order.
/// Directories come first: the one that prints waits for the disk at each, and one that looks at names alone is three times
/// as fast, so that it stays ahead by itself. Then the files' inodes, from the end towards the one that prints, so that the
/// two meet and each has taken from the disk what the other has not.
/// </summary>
internal static class ReadAhead
{
    /// <summary>Inodes take the source a fifth more processor time for a fifth less time: not where it asked to be spared.</summary>
    public static ReadAheadScope Choose(SourceTools tools, ICopyStreams streams, ISourceView view) =>
        tools.Lister != ListingTool.Find || streams.Options.LowImpact ? ReadAheadScope.Nothing
        : view.SeesBelowMounts ? ReadAheadScope.Inodes
        : ReadAheadScope.Directories;

    /// <summary>
    /// A script around the one that lists, in the volume's root: with its output, its exit code as code, and nothing left
    /// running behind it. Where memory does not hold the inodes (1 kB for each file), or the file system does not count its files,
    /// or a tool is missing, it only lists; without setsid it reads directories ahead, as several processes could not be
    /// ended together.
    /// </summary>
    /// <param name="prune">The conditions of find that leave out what is excluded.</param>
    public static string Around(string list, string prune, ReadAheadScope scope) =>
            // One that went on would hold the namespace, and a snapshot with it. One that is long done may have left its number
            // to a stranger: only a child of ours is ended, which $$ does not tell in a subshell. Some shells tell of the ended
            // one; find has said by then what it has to say.
            $$"""
            group={{(scope == ReadAheadScope.Inodes ? "$(setsid printf - 2>/dev/null)" : "")}}
            { exec ${group:+setsid} sh -c {{PosixShell.Quote(Ahead(prune))}} sh "$group"; } </dev/null >/dev/null 2>&1 &
            ahead=$!
            trap 'kill -TERM "$group$ahead" 2>/dev/null; exit 143' TERM
            {{list}}
            code=$?
            trap - TERM
            exec 2>/dev/null
            read -r self rest </proc/self/stat
            if [ "$(awk '/^PPid:/ { print $2 }' "/proc/$ahead/status")" = "$self" ]; then
              kill -TERM "$group$ahead"
            fi
            """;

    /// <summary>
    /// With an argument the inodes of the second half too: the first is listed by then, or soon. No file has no link, so
    /// that its inode is read and nothing said. A name with a newline is no path here, and left out.
    /// </summary>
    private static string Ahead(string prune) =>
        $$"""
            stat -f -c '%c %d' . | awk '
              FNR == NR { used = $1 - $2; next }
              /^MemAvailable:/ { fits = used > 0 && used < $2 }
              END { exit !fits }' - /proc/meminfo || exit
            [ -n "$1" ] || exec find . -xdev {{prune}}-type d
            find . -xdev {{prune}}-type d |
              awk '/^\.\// { path[++count] = $0 } END { for (i = count; i > count / 2; i--) print path[i] }' |
              tr '\n' '\0' | xargs -0 -n 256 sh -c 'exec find "$@" -maxdepth 1 -links 0' sh
            """;
}
