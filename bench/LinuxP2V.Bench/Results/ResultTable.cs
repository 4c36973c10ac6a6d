using System.Globalization;

namespace LinuxP2V.Bench.Results;

/// <summary>The table of all shapes, as cells; the same for the terminal and for the page.</summary>
internal static class ResultTable
{
    private const string Nothing = "–";

    public static IReadOnlyList<string> Header { get; } =
    ["shape", "contender", "median s", "from–to s", "rate", "ratio", "CPU s", "agent's CPU", "goal", "reached", "met"];

    public static IEnumerable<string[]> Rows(ShapeResult result)
    {
        foreach (var contender in result.Contenders)
        {
            // Several goals of one contender stand below each other.
            var goals = result.Goals.Where(goal => goal.Contender == contender).Select(goal => Cells(goal, result)).ToList();
            var first = goals.Count > 0 ? goals[0] : ["", "", ""];
            yield return [result.Name, contender, .. Figures(result, contender), .. first];
            foreach (var goal in goals.Skip(1))
                yield return [.. Enumerable.Repeat("", Header.Count - goal.Length), .. goal];
        }
    }

    /// <summary>Columns as wide as their widest cell.</summary>
    public static IEnumerable<string> Format(IEnumerable<string[]> rows)
    {
        var cells = rows.Prepend([.. Header]).ToList();
        var widths = Enumerable.Range(0, Header.Count).Select(column => cells.Max(row => row[column].Length)).ToArray();
        return cells.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private static string[] Figures(ShapeResult result, string contender)
    {
        var seconds = result.SecondsOf(contender);
        if (double.IsNaN(seconds))
            return [result.Missing.GetValueOrDefault(contender, "not measured"), Nothing, Nothing, Nothing, Nothing, Nothing];

        var all = result.Of(contender);
        return
        [
            Number(seconds, "0.00"),
            $"{Number(all.Min(m => m.Seconds), "0.00")}–{Number(all.Max(m => m.Seconds), "0.00")}",
            result.Rate(seconds),
            contender == result.Reference ? "1" : Number(result.RatioOf(contender, result.Reference), "0.00"),
            Number(Statistics.Median(all.Select(m => m.CpuSeconds)), "0.0"),
            Number(result.AgentShareOf(contender), "0.0 %"),
        ];
    }

    private static string[] Cells(Goal goal, ShapeResult result) =>
        goal.Judge(result) is { } outcome ? [goal.Text, outcome.Reached, outcome.IsMet ? "yes" : "NO"] : [goal.Text, Nothing, Nothing];

    private static string Number(double value, string format) =>
        double.IsNaN(value) ? Nothing : value.ToString(format, CultureInfo.InvariantCulture);
}
