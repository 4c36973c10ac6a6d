using System.Globalization;

namespace LinuxP2V.Lab.Matrix;

/// <summary>docs/matrix.md: each row with what came of it when it ran last.</summary>
public static class MatrixPage
{
    private static string Path => System.IO.Path.Combine(LabPaths.Repository, "docs", "matrix.md");

    /// <summary>Writes the page from the results that are kept.</summary>
    public static void Write() =>
        File.WriteAllText(Path, Text([.. MatrixRow.All.Select(row => KeyValuePair.Create(row, MatrixResult.Load(row.Name)))]));

    internal static string Text(IReadOnlyList<KeyValuePair<MatrixRow, MatrixResult?>> rows)
    {
        var results = rows.Select(row => row.Value).OfType<MatrixResult>().ToList();
        IEnumerable<string> lines =
        [
            "# Matrix",
            "",
            "Each row is a machine that the lab builds, runs under QEMU, converts with `docs/examples/convert-linux.ps1`, and "
                + "switches off. Its copy then boots alone three times: as it came, once more, and after its own tools made "
                + "initramfs and menu anew, as an update of its kernel does. Each time it must equal its source: login by the same key, "
                + "mounts, swap, addresses, failed units, the files of the system and of a data set with their checksums. "
                + "[testing.md](testing.md#the-matrix) tells more.",
            "",
            "`./build.sh matrix` runs all rows and writes this page; `-Case NAME,...` runs some, and the others keep what they have.",
            "",
            Counts(rows),
            "",
            "## Results",
            "",
            "| row | machine | VM | result | minutes |",
            "| --- | --- | --- | --- | --- |",
            .. rows.Select(row => Line(row.Key.Name, row.Key.Title, Hardware(row.Key), Result(row.Key, row.Value), Minutes(row.Value))),
            "",
            "## Versions",
            "",
            "| row | date | commit | LinuxP2V | Debian | kernel | boot loader |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            .. results.Select(result =>
                Line(
                    result.Name,
                    result.Date.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                    result.Commit,
                    result.Product,
                    result.Versions?.Debian ?? "",
                    result.Versions?.Kernel ?? "",
                    result.Versions?.Loader ?? ""
                )
            ),
            "",
            "## Times",
            "",
            "In seconds, on emulated processors. A source that was built before takes no time to build.",
            "",
            "| row | phases |",
            "| --- | --- |",
            .. results.Select(result =>
                Line(result.Name, string.Join(", ", result.Phases.Select(phase => $"{phase.Name} {Number(phase.Seconds)}")))
            ),
            .. results.Where(result => result.Outcome == MatrixOutcome.Failed).SelectMany(Failure),
        ];
        return string.Join('\n', lines) + "\n";
    }

    private static string Counts(IReadOnlyList<KeyValuePair<MatrixRow, MatrixResult?>> rows) =>
        $"Of {Number(rows.Count)} rows {Number(CountOf(rows, MatrixOutcome.Passed))} passed, "
        + $"{Number(CountOf(rows, MatrixOutcome.Refused))} were refused as they should be, "
        + $"{Number(CountOf(rows, MatrixOutcome.Failed))} failed, "
        + $"{Number(rows.Count(row => row.Value is null))} have not run.";

    private static string Result(MatrixRow row, MatrixResult? result) =>
        result switch
        {
            null => "not run",
            { Outcome: MatrixOutcome.Passed } => "passed",
            { Outcome: MatrixOutcome.Refused } => $"refused before the copy: `{row.Refusal}`",
            _ => $"**failed** in its phase '{result.Phases[^1].Name}'",
        };

    private static string Hardware(MatrixRow row) =>
        string.Join(", ", new[] { row.Hardware.Controller, row.Hardware.Adapter }.Select(device => device ?? "as chosen").Distinct());

    private static string Minutes(MatrixResult? result) =>
        result is null ? "" : (result.Phases.Sum(phase => phase.Seconds) / 60.0).ToString("F1", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Failure(MatrixResult result) =>
        ["", $"## Failure of {result.Name}", "", "```text", .. result.Reason.Split('\n'), "```", "", .. Console(result)];

    private static IEnumerable<string> Console(MatrixResult result) =>
        result.Console.Count == 0 ? [] : ["The last lines of its serial console:", "", "```text", .. result.Console, "```"];

    private static string Line(params string[] cells) => $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|")))} |";

    private static int CountOf(IEnumerable<KeyValuePair<MatrixRow, MatrixResult?>> rows, MatrixOutcome outcome) =>
        rows.Count(row => row.Value?.Outcome == outcome);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
