using System.Globalization;
using LinuxP2V.Bench.Machine;

namespace LinuxP2V.Bench.Results;

/// <summary>
/// What the page says of one shape, as lines of Markdown: written from a measurement, or read from the page, so that a run
/// of some shapes replaces theirs and keeps the others.
/// </summary>
internal sealed record PageShape(
    string Name,
    IReadOnlyList<string> Description,
    IReadOnlyList<string> Figures,
    IReadOnlyList<string> Programs,
    IReadOnlyList<string> Circumstances,
    IReadOnlyList<string> Wrong
)
{
    public static IReadOnlyList<string> ProgramsHeader { get; } = ["shape", "contender", "CPU s"];

    public static IReadOnlyList<string> CircumstancesHeader { get; } = ["measured", "date", "rounds", "quiet", "machine", "tools"];

    private const int ShownPrograms = 6;

    public static PageShape From(ShapeResult result, MachineFacts machine, int rounds, DateTime date) =>
        new(
            result.Name,
            [$"{DescriptionStart(result.Name)}{result.Description}. Ratios refer to {result.Reference}."],
            [.. ResultTable.Rows(result).Select(Row)],
            [
                .. result
                    .Contenders.Where(name => result.Of(name).Count > 0)
                    .Select(name => Row([result.Name, name, ProgramsOf(result, name)])),
            ],
            [
                Row([
                    result.Name,
                    date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    rounds.ToString(CultureInfo.InvariantCulture),
                    QuietOf(result),
                    machine.Text,
                    string.Join("; ", machine.Tools),
                ]),
            ],
            [.. result.Wrong.Select(wrong => WrongStart(result.Name) + wrong.Split('\n')[0])]
        );

    /// <returns>Null when the page does not tell of that shape.</returns>
    public static PageShape? Read(string name, IReadOnlyList<string> page)
    {
        var found = new PageShape(
            name,
            // The notes below the tables may begin alike.
            [
                .. page.TakeWhile(line => !line.StartsWith('|'))
                    .Where(line => line.StartsWith(DescriptionStart(name), StringComparison.Ordinal)),
            ],
            RowsBelow(ResultTable.Header, name, page),
            RowsBelow(ProgramsHeader, name, page),
            RowsBelow(CircumstancesHeader, name, page),
            [.. page.Where(line => line.StartsWith(WrongStart(name), StringComparison.Ordinal))]
        );
        return found.Description.Count == 1 && found.Figures.Count > 0 && found.Circumstances.Count == 1 ? found : null;
    }

    public static string Row(IEnumerable<string> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |";

    /// <summary>A row without a name belongs to the one above it.</summary>
    private static List<string> RowsBelow(IReadOnlyList<string> header, string name, IReadOnlyList<string> page)
    {
        var rows = new List<string>();
        var isOurs = false;
        foreach (var line in page.SkipWhile(line => line != Row(header)).Skip(2).TakeWhile(line => line.StartsWith('|')))
        {
            isOurs =
                line.StartsWith($"| {name} |", StringComparison.Ordinal) || (isOurs && line.StartsWith("|  |", StringComparison.Ordinal));
            if (isOurs)
                rows.Add(line);
        }

        return rows;
    }

    private static string DescriptionStart(string name) => $"- **{name}**: ";

    private static string WrongStart(string name) => $"- {name}: ";

    private static string QuietOf(ShapeResult result) =>
        result.Noise > ShapeResult.QuietLimit
            ? string.Create(CultureInfo.InvariantCulture, $"**no: others took up to {result.Noise:0 %}**")
            : "yes";

    private static string ProgramsOf(ShapeResult result, string contender) =>
        string.Join(
            ", ",
            result
                .ProgramsOf(contender, ShownPrograms)
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Program} {p.Seconds:0.0}"))
        );
}
