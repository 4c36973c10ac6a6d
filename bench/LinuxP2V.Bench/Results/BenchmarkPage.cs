using System.Text;
using LinuxP2V.Bench.Machine;

namespace LinuxP2V.Bench.Results;

/// <summary>The page for readers: what was measured, on what, how, and how far it reaches.</summary>
internal static class BenchmarkPage
{
    private const string Head = """
        # Benchmarks

        Written by `./build.sh bench`; change `bench/notes.md` for the notes, not this page. A run of some shapes (`-Shape`)
        replaces theirs; the last table tells when, where and in how many rounds each was measured.


        """;

    private const string Quick = """
        **A quick run: small data that shows that all works. Its numbers are not to be quoted.**


        """;

    private const string Method = """
        Both ends are on one machine: they share its cores, disk and page cache, and the network between them is the loopback.
        The agent is the published binary, driven by its own protocol, without a VM. Each run starts with cold caches and ends
        when all is on the disk; making the file system is not in it. The file systems lie on loop devices with direct I/O: as
        behind a disk, no second cache reads ahead or takes what is written. Times are medians; in each round every contender
        runs once, and a ratio is the median of the rounds' own ratios (above 1: faster). After each run the copy is compared
        with its source by find, getfattr and b2sum. Where others took part of the machine, times are too long and the agent's
        share of the CPU time is too small.


        """;

    private const string Reporting = """
        The kernel of this machine can report free memory to a host, which takes it back; each page that is taken up again
        then costs time. So every run begins some seconds after the caches were dropped, when none finds memory that is still
        its own.


        """;

    private const string Contenders = """
        `tar` is `ssh tar -c | tar -x` in one stream with `--acls --xattrs --xattrs-include='*' -S --numeric-owner`, with
        aes128-gcm (`tar gcm`) and with the cipher that OpenSSH's client chooses by itself (`tar default`); `tar plain` goes
        without access lists, attributes and sparse files. `rsync` is `rsync -aHAXS` with aes128-gcm. `dd` brings as many
        bytes from one file into one file: the bound of one connection. `CPU s` is CPU time of the whole machine, `agent's
        CPU` the share of the agent's own process in it.


        """;

    /// <param name="notes">What people have to say about the numbers, in Markdown; empty for nothing.</param>
    public static string Write(IReadOnlyList<PageShape> shapes, bool isQuick, string notes)
    {
        var page = new StringBuilder(Head)
            .Append(isQuick ? Quick : "")
            .Append(Method)
            .Append(Caches.CanReportMemory ? Reporting : "")
            .Append(Contenders);
        AppendLines(page, shapes.SelectMany(shape => shape.Description));
        page.Append('\n');
        AppendTable(page, ResultTable.Header, shapes.SelectMany(shape => shape.Figures));
        page.Append(
            "\n## Where the CPU time goes\n\nSeconds of each program and kernel thread, the largest first, mean of the rounds.\n\n"
        );
        AppendTable(page, PageShape.ProgramsHeader, shapes.SelectMany(shape => shape.Programs));
        if (shapes.SelectMany(shape => shape.Wrong).ToList() is { Count: > 0 } wrong)
        {
            page.Append("\n## Wrong results\n\n");
            AppendLines(page, wrong);
        }

        if (notes.Length > 0)
            page.Append('\n').Append(notes.TrimEnd()).Append('\n');

        page.Append("\n## When and where\n\n");
        AppendTable(page, PageShape.CircumstancesHeader, shapes.SelectMany(shape => shape.Circumstances));
        return page.ToString();
    }

    private static void AppendTable(StringBuilder page, IReadOnlyList<string> header, IEnumerable<string> rows) =>
        AppendLines(page, [PageShape.Row(header), PageShape.Row(header.Select(_ => "---")), .. rows]);

    private static void AppendLines(StringBuilder page, IEnumerable<string> lines) => page.AppendJoin('\n', lines).Append('\n');
}
