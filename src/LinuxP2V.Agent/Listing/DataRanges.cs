using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Listing;

/// <summary>
/// Where a file of the source has data, so that a checksum need not read its holes: the lastlog of a large site has a
/// terabyte of them. The same ranges of the copy are hashed; outside of them it must hold nothing but zeros.
/// </summary>
internal static partial class DataRanges
{
    /// <summary>Of holes: below it, reading them costs less than asking where they are.</summary>
    private const long WorthAsking = 256L << 20;

    /// <summary>What dd reads at a time.</summary>
    private const int Unit = 64 << 10;

    /// <summary>More would not fit into a command: smaller gaps are read too, until there are no more than these.</summary>
    private const int MostRanges = 1000;

    public static bool AreWorthAsking(in ManifestRecord record) => record.HasHoles && record.Size - record.AllocatedBytes >= WorthAsking;

    /// <param name="path">From the volume's root.</param>
    /// <returns>Rising, in whole units, none beyond the file's end; null where the source cannot tell.</returns>
    /// <exception cref="Events.AgentException">SourceConnectionLost.</exception>
    public static async Task<IReadOnlyList<ByteRange>?> ReadAsync(
        VolumeWork work,
        byte[] path,
        long size,
        CancellationToken cancellationToken
    )
    {
        var script = work.View.In(
            $"""
            export LC_ALL=C
            {PosixShell.Assign("path", [.. "./"u8, .. path])}
            [ -f "$path" ] && ! [ -L "$path" ] && filefrag -b4096 -v "$path"
            """
        );
        var answer = await work.Streams.RunAsync((lane, token) => lane.AskAsync(script, token), cancellationToken);
        return answer.ExitCode == 0 ? Parse(answer.Output, size) : null;
    }

    /// <param name="text">Of filefrag -b4096 -v.</param>
    public static IReadOnlyList<ByteRange>? Parse(string text, long size)
    {
        const int Block = 4096;
        if (
            !text.Contains("blocks of 4096 bytes", StringComparison.Ordinal)
            && !text.Contains("block of 4096 bytes", StringComparison.Ordinal)
        )
            return null;

        var ranges = new List<ByteRange>();
        foreach (Match extent in Extent().Matches(text))
        {
            if (
                !long.TryParse(extent.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var first)
                || !long.TryParse(extent.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var last)
                || last < first
                || last > long.MaxValue / Block / 2
            )
            {
                return null;
            }

            var start = first * Block / Unit * Unit;
            var end = Math.Min(((last + 1) * Block + Unit - 1) / Unit * Unit, (size + Unit - 1) / Unit * Unit);
            if (ranges.Count > 0 && start < ranges[^1].Start)
                return null;

            if (end > start)
                Append(ranges, new ByteRange(start, end - start), 0);
        }

        for (long gap = 1 << 20; ranges.Count > MostRanges; gap *= 2)
        {
            var merged = new List<ByteRange>();
            foreach (var range in ranges)
                Append(merged, range, gap);

            ranges = merged;
        }

        return ranges;
    }

    /// <summary>Hashes these ranges of a file on both ends at the same time, and looks at what else the copy has.</summary>
    /// <returns>Whether source and copy have the same data there, and the copy none elsewhere.</returns>
    /// <exception cref="Events.AgentException">SourceConnectionLost.</exception>
    public static async Task<bool> AreEqualAsync(
        VolumeWork work,
        byte[] path,
        IReadOnlyList<ByteRange> ranges,
        string tool,
        CancellationToken cancellationToken
    )
    {
        var script = $"{PosixShell.Assign("f", [.. "./"u8, .. path])}\n[ -f \"$f\" ] && ! [ -L \"$f\" ] && {Hash(ranges, tool)}";
        var source = work.Streams.RunAsync((lane, token) => lane.AskAsync(work.View.In(script), token), cancellationToken);
        var copy = Tool.RunAsync("sh", ["-c", script], cancellationToken, workingFolder: work.TargetPath);
        var (there, here) = (await source, await copy);
        return there.ExitCode == 0
            && here.Succeeded
            && here.Output.Length > 0
            && there.Output == here.Output
            && FirstDataOutside(work.TargetPath, path, ranges, cancellationToken) is null;
    }

    /// <summary>A command that hashes these ranges of the file that <c>$f</c> names.</summary>
    public static string Hash(IReadOnlyList<ByteRange> ranges, string tool)
    {
        var text = new StringBuilder("{ :; ");
        foreach (var range in ranges)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"dd if=\"$f\" bs={Unit} skip={range.Start / Unit} count={range.Length / Unit} 2>/dev/null; "
            );
        }

        return text.Append("} | ").Append(tool).ToString();
    }

    /// <summary>Looks whether a file of the copy holds anything but zeros outside of the ranges.</summary>
    /// <returns>Where; null where it does not.</returns>
    public static long? FirstDataOutside(
        string targetPath,
        byte[] path,
        IReadOnlyList<ByteRange> ranges,
        CancellationToken cancellationToken
    )
    {
        using var root = NativeFolders.OpenFolder(null, Encoding.UTF8.GetBytes(targetPath + "\0"), out var error);
        if (error != 0)
            return 0;

        using var file = NativeFolders.OpenBeneath(root, [.. path, 0], BeneathAccess.Read, out error);
        if (error != 0)
            return 0;

        var buffer = new byte[1 << 20];
        var at = 0L;
        foreach (var range in ranges.Append(new ByteRange(long.MaxValue - 1, 0)))
        {
            while (at < range.Start && NativeFiles.NextData(file, at) is var data and >= 0 && data < range.Start)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, range.Start - data)), data);
                if (count == 0)
                    break;

                if (buffer.AsSpan(0, count).IndexOfAnyExcept((byte)0) is var odd and >= 0)
                    return data + odd;

                at = data + count;
            }

            at = Math.Max(at, range.End);
        }

        return null;
    }

    private static void Append(List<ByteRange> ranges, ByteRange next, long gap)
    {
        if (ranges.Count > 0 && next.Start - ranges[^1].End <= gap)
            ranges[^1] = ranges[^1] with { Length = Math.Max(ranges[^1].End, next.End) - ranges[^1].Start };
        else
            ranges.Add(next);
    }

    [GeneratedRegex(@"^ *\d+: +(\d+)\.\. *(\d+):", RegexOptions.Multiline)]
    private static partial Regex Extent();
}
