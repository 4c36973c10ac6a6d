using System.Globalization;
using System.Text;
using LinuxP2V.Bench.Machine;

namespace LinuxP2V.Bench.Results;

/// <summary>The page for readers: what was measured, on what, how, and how far it reaches.</summary>
internal static class BenchmarkPage
{
    private const int ShownPrograms = 6;

    /// <param name="notes">What people have to say about the numbers, in Markdown; empty for nothing.</param>
    public static string Write(MachineFacts machine, IReadOnlyList<ShapeResult> results, int rounds, bool isQuick, string notes)
    {
        var page = new StringBuilder();
        page.Append("# Benchmarks\n\nWritten by `./build.sh bench`; change `bench/notes.md` for the notes, not this page.\n\n");
        if (isQuick)
            page.Append("**A quick run: small data that shows that all works. Its numbers are not to be quoted.**\n\n");

        page.Append(CultureInfo.InvariantCulture, $"""
            Machine: {machine.Processor}, {machine.Cores} cores, {machine.MemoryGB:0} GB, Linux {machine.Kernel}, {machine.System}, {DateTime.UtcNow:yyyy-MM-dd}.
            Tools: {string.Join("; ", machine.Tools)}.

            """);
        page.Append(CultureInfo.InvariantCulture, $"""

            Both ends are on this machine: they share its cores, disk and page cache, and the network between them is the loopback. The agent is the published binary, driven by its own protocol, without a VM. Each run starts with cold caches and ends when all is on the disk; making the file system is not in it. The file systems lie on loop devices with direct I/O: as behind a disk, no second cache reads ahead or takes what is written. Medians of {rounds} rounds; in each round every contender runs once, and a ratio is the median of the rounds' own ratios (above 1: faster). After each run the copy is compared with its source by find, getfattr and b2sum.


            """);
        if (Caches.CanReportMemory)
            page.Append("The kernel of this machine can report free memory to a host, which takes it back; each page that is taken up again then costs time. So every run begins some seconds after the caches were dropped, when none finds memory that is still its own.\n\n");

        if (results.Max(result => result.Noise) is var noise && noise > ShapeResult.QuietLimit)
            page.Append(CultureInfo.InvariantCulture, $"**The machine was not quiet: before a round up to {noise:0 %} of its cores were busy with other things.** Times are too long, the agent's share of the CPU time too small.\n\n");

        AppendContenders(page);
        foreach (var result in results)
            page.Append(CultureInfo.InvariantCulture, $"- **{result.Name}**: {result.Description}. Ratios refer to {result.Reference}.\n");

        page.Append('\n');
        AppendTable(page, results);
        AppendProfile(page, results);
        if (results.SelectMany(result => result.Wrong.Select(wrong => $"- {result.Name}: {wrong.Split('\n')[0]}")).ToList() is { Count: > 0 } wrongs)
            page.Append(CultureInfo.InvariantCulture, $"\n## Wrong results\n\n{string.Join('\n', wrongs)}\n");

        if (notes.Length > 0)
            page.Append(CultureInfo.InvariantCulture, $"\n{notes.TrimEnd()}\n");

        return page.ToString();
    }

    private static void AppendContenders(StringBuilder page) => page.Append("""
        `tar` is `ssh tar -c | tar -x` in one stream with `--acls --xattrs --xattrs-include='*' -S --numeric-owner`, with aes128-gcm (`tar gcm`) and with the cipher that OpenSSH's client chooses by itself (`tar default`); `tar plain` goes without access lists, attributes and sparse files. `rsync` is `rsync -aHAXS` with aes128-gcm. `dd` brings as many bytes from one file into one file: the bound of one connection. `CPU s` is CPU time of the whole machine, `agent's CPU` the share of the agent's own process in it.


        """);

    private static void AppendTable(StringBuilder page, IReadOnlyList<ShapeResult> results)
    {
        AppendRow(page, ResultTable.Header);
        AppendRow(page, ResultTable.Header.Select(_ => "---"));
        foreach (var row in results.SelectMany(ResultTable.Rows))
            AppendRow(page, row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)));
    }

    private static void AppendProfile(StringBuilder page, IReadOnlyList<ShapeResult> results)
    {
        page.Append("\n## Where the CPU time goes\n\nSeconds of each program and kernel thread, the largest first, mean of the rounds.\n\n");
        AppendRow(page, ["shape", "contender", "CPU s"]);
        AppendRow(page, ["---", "---", "---"]);
        foreach (var result in results)
        {
            foreach (var contender in result.Contenders.Where(name => result.Of(name).Count > 0))
            {
                var programs = result.ProgramsOf(contender, ShownPrograms)
                    .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Program} {p.Seconds:0.0}"));
                AppendRow(page, [result.Name, contender, string.Join(", ", programs)]);
            }
        }
    }

    private static void AppendRow(StringBuilder page, IEnumerable<string> cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
