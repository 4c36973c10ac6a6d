using System.Globalization;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;

namespace LinuxP2V.Bench.Results;

/// <summary>How much of a file a contender undertakes to carry.</summary>
internal enum Fidelity
{
    /// <summary>Everything, extended attributes and parts of a second too.</summary>
    Full,

    /// <summary>Contents, types, modes, owners, links, whole seconds.</summary>
    Plain,
}

/// <summary>Says whether a copy equals its source, by find, getfattr and b2sum: nothing of it is the agent's.</summary>
internal sealed class TreeJudge(WorkFolder work)
{
    private const int ShownDifferences = 12;

    /// <summary>
    /// Lines that are equal when the trees are: E entry, L names of one file, X attribute, C contents. Allocated blocks go
    /// to standard output.
    /// </summary>
    private const string DescribeScript = """
        cd "$1"; out=$2
        sums=$(mktemp -d "$out.XXXXXX")
        trap 'rm -rf "$sums"' EXIT
        set -f
        skip='-xdev ( -path ./lost+found -o -path ./.linuxp2v ) -prune -o'
        files=$(find . $skip -type f -printf 'x\n' | wc -l)
        # A few for each process at least, so that both cores have work also where files are few.
        batch=$((files / 8 + 1)); [ $batch -lt 500 ] || batch=500
        find . $skip -type f -print0 | xargs -0 -r -n $batch -P 2 sh -c 'b2sum -l 160 -- "$@" | sed "s/^/C /" >> "$0/$$"' "$sums"
        {
          find . $skip -type d -printf 'E %T@ d %m %U %G %p\n' -o ! -type d -printf 'E %T@ %y %m %U %G %n %s %p -> %l\n'
          find . $skip -type f -links +1 -printf '%i %p\n' | sort |
            awk '{ if ($1 != inode) { inode = $1; first = $2 } print "L " first " " $2 }'
          find . $skip -print0 | xargs -0 -r getfattr -h -d -m '^(user[.]|system[.]posix_acl|security[.]capability)' -e hex -- 2>/dev/null |
            awk '/^# file: / { name = substr($0, 9); next } NF { print "X " name " " $0 }'
          find "$sums" -type f -exec cat {} +
        } | sort > "$out"
        find . $skip -type f -printf '%b\n' | awk '{ n += $1 } END { printf "%.0f\n", n }'
        """;

    private SourceVolume? described;
    private long expectedBlocks;

    private string Expected => work.Combine("expected");

    /// <summary>To be called once the source has changed.</summary>
    public void Forget() => described = null;

    /// <returns>What differs, for people; null when nothing does.</returns>
    public async Task<string?> FindDifferenceAsync(
        SourceVolume source,
        string folder,
        Fidelity fidelity,
        CancellationToken cancellationToken
    )
    {
        if (described != source)
        {
            expectedBlocks = await DescribeAsync(source.Folder, Expected, cancellationToken);
            described = source;
        }

        var actual = work.Combine("actual");
        var blocks = await DescribeAsync(folder, actual, cancellationToken);
        var difference = await Shell.RunAsync(
            """
            lines() { if [ "$3" = Full ]; then cat "$1"; else grep -v '^X ' "$1" | sed 's/^\(E [0-9]*\)[.][0-9]*/\1/' | sort; fi > "$2"; }
            lines "$1" "$1.lines" "$3"; lines "$2" "$2.lines" "$3"
            [ -s "$1.lines" ] || { echo 'The source has no description.'; exit 0; }
            cmp -s "$1.lines" "$2.lines" || { diff "$1.lines" "$2.lines" || true; } | grep '^[<>]' | head -n "$4" || true
            """,
            [Expected, actual, fidelity.ToString(), ShownDifferences.ToString(CultureInfo.InvariantCulture)],
            cancellationToken
        );
        if (difference.Length > 0)
            return $"< is the source, > the copy:\n{difference.TrimEnd()}";

        // A hole that became zeros is the same content, but a disk that may not hold it.
        var most = expectedBlocks + (expectedBlocks / 10) + 4096;
        return fidelity == Fidelity.Full && blocks > most
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The copy takes {blocks * 512 >> 20} MiB, its source {expectedBlocks * 512 >> 20} MiB."
            )
            : null;
    }

    private static async Task<long> DescribeAsync(string folder, string file, CancellationToken cancellationToken) =>
        long.Parse(await Shell.RunAsync(DescribeScript, [folder, file], cancellationToken), CultureInfo.InvariantCulture);
}
