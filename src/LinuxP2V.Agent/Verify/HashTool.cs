namespace LinuxP2V.Agent.Verify;

/// <param name="HasZero">Whether it ends its lines with NUL when told so, and then writes every name as it is.</param>
/// <param name="BytesPerSecond">As measured.</param>
internal sealed record HashTool(string Name, bool HasZero, double BytesPerSecond)
{
    /// <summary>A few milliseconds each where a processor is real; seconds for all where it is emulated.</summary>
    private const int MeasuredMegabytes = 4;

    /// <summary>
    /// A stronger hash has to be this bad to be passed over. So little data takes a tool no longer than to start, so that
    /// the rates of good ones lie close together, and on a busy machine change places.
    /// </summary>
    private const double FastEnough = 0.5;

    /// <summary>The strongest of those that may be fast first; a CRC only where there is nothing else.</summary>
    private static readonly string[] Known = ["b2sum", "sha256sum", "sha512sum", "sha1sum", "md5sum"];

    private const string LastResort = "cksum";

    /// <summary>
    /// Prints lines for each tool that is there: "hash NAME yes|no BYTES BEGIN END", the better one counts. The clock of a
    /// small machine has hundredths of a second, so it gets more to do.
    /// </summary>
    public static string Script() =>
        $$"""
            now() { date +%s.%N; }
            count={{MeasuredMegabytes}}
            case $(now) in *N*|*.) now() { cut -d ' ' -f 1 /proc/uptime; }; count={{32 * MeasuredMegabytes}} ;; esac
            for tool in {{string.Join(' ', Known)}} {{LastResort}} {{string.Join(' ', Known)}}; do
              echo x 2>/dev/null | "$tool" >/dev/null 2>&1 || continue
              zero=no; "$tool" -z </dev/null >/dev/null 2>&1 && zero=yes
              begin=$(now)
              dd if=/dev/zero bs=1048576 count=$count 2>/dev/null | "$tool" >/dev/null
              echo "hash $tool $zero $((count * 1048576)) $begin $(now)"
            done
            """;

    public static IReadOnlyList<HashTool> Parse(string output)
    {
        var tools = new List<HashTool>();
        foreach (var fields in output.Split('\n').Select(line => line.Split(' ')))
        {
            if (fields is not ["hash", var name, var zero, var bytes, var begin, var end])
                continue;

            var seconds = Math.Max(Number(end) - Number(begin), 0.001m);
            tools.Add(new HashTool(name, zero == "yes", (double)(Number(bytes) / seconds)));
        }

        return [.. tools.GroupBy(tool => tool.Name).Select(rounds => rounds.MaxBy(tool => tool.BytesPerSecond)!)];
    }

    /// <summary>The strongest that is fast enough on both ends.</summary>
    /// <returns>As it is on the source, and its rate in the copy; null when the ends have none in common.</returns>
    public static (HashTool Tool, double RateInCopy)? Choose(IReadOnlyList<HashTool> onSource, IReadOnlyList<HashTool> inCopy)
    {
        var both = onSource
            .Join(inCopy, tool => tool.Name, tool => tool.Name, (there, here) => (Tool: there, RateInCopy: here.BytesPerSecond))
            .ToList();
        var hashes = both.Where(pair => pair.Tool.Name != LastResort).OrderBy(pair => Array.IndexOf(Known, pair.Tool.Name)).ToList();
        var choice = hashes.Count > 0 ? hashes : both;
        var best = choice.Select(Rate).DefaultIfEmpty().Max();
        foreach (var pair in choice)
        {
            if (Rate(pair) >= best * FastEnough)
                return pair;
        }

        return null;

        static double Rate((HashTool Tool, double RateInCopy) pair) => Math.Min(pair.Tool.BytesPerSecond, pair.RateInCopy);
    }

    private static decimal Number(string text) =>
        decimal.TryParse(
            text,
            System.Globalization.NumberStyles.AllowDecimalPoint,
            System.Globalization.CultureInfo.InvariantCulture,
            out var value
        )
            ? value
            : 0;
}
