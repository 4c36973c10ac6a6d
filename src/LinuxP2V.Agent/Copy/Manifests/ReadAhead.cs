using LinuxP2V.Agent.Copy.Streams;

namespace LinuxP2V.Agent.Copy.Manifests;

/// <summary>
/// Brings the source's directories into its memory while find lists them one by one: the one that prints waits for the
/// disk at each directory, and its list cannot be divided without losing its order. One that looks at names alone is
/// three times as fast, so that it stays ahead by itself.
/// </summary>
internal static class ReadAhead
{
    /// <summary>
    /// Costs the source a twentieth more processor time, and less where the disk is waited for: not where it asked to be
    /// spared.
    /// </summary>
    public static bool IsWorthwhile(SourceTools tools, ICopyStreams streams) => tools.Lister == ManifestTool.Find && !streams.Options.LowImpact;

    /// <summary>
    /// A script around the one that lists, in the volume's root: with its output and exit code, and nothing left running
    /// behind it. Where memory does not hold the directories (half a kB for each file, with room to spare), or the file
    /// system does not count its files, or a tool is missing, it only lists.
    /// </summary>
    /// <param name="prune">The conditions of find that leave out what is excluded.</param>
    public static string Around(string list, string prune) =>
        // One that went on would hold the namespace, and a snapshot with it. One that is long done may have left its number
        // to a stranger: only a child of ours is ended, which $$ does not tell in a subshell. Some shells tell of the ended
        // one; find has said by then what it has to say.
        $$"""
        {
          stat -f -c '%c %d' . | awk '
            FNR == NR { used = $1 - $2; next }
            /^MemAvailable:/ { fits = used > 0 && used / 2 < $2 }
            END { exit !fits }' - /proc/meminfo && exec find . -xdev {{prune}}-type d
        } </dev/null >/dev/null 2>&1 &
        ahead=$!
        {{list}}
        code=$?
        exec 2>/dev/null
        read -r self rest </proc/self/stat
        if [ "$(awk '/^PPid:/ { print $2 }' "/proc/$ahead/status")" = "$self" ]; then
          kill -TERM "$ahead"
        fi
        exit $code
        """;
}
