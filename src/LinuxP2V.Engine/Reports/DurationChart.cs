using System.Globalization;
using System.Xml.Linq;

namespace LinuxP2V.Engine.Reports;

/// <summary>How long each conversion took, as bars of its steps, with the rate of the copy: a picture in SVG.</summary>
internal static class DurationChart
{
    private const int Width = 1100;
    private const int NameWidth = 180;
    private const int RateWidth = 150;
    private const int BarHeight = 20;
    private const int RowHeight = 30;
    private const int LegendHeight = 30;

    /// <summary>Told apart in print and by people who do not see all colours.</summary>
    private static readonly string[] Colours =
    [
        "#0b5394",
        "#e69138",
        "#38761d",
        "#a64d79",
        "#6fa8dc",
        "#7f6000",
        "#999999",
        "#cc0000",
        "#45818e",
        "#b45f06",
        "#351c75",
    ];

    /// <returns>Null where there is nothing to draw.</returns>
    public static XElement? Draw(IReadOnlyList<ReportRow> rows)
    {
        var longest = rows.Select(Total).DefaultIfEmpty(TimeSpan.Zero).Max();
        if (longest <= TimeSpan.Zero)
            return null;

        var names = rows.SelectMany(row => row.Phases.Select(phase => phase.Name)).Distinct().ToList();
        var height = LegendHeight + rows.Count * RowHeight;
        return new XElement(
            "svg",
            new XAttribute("viewBox", $"0 0 {Width} {height}"),
            new XAttribute("width", Width),
            new XAttribute("height", height),
            new XAttribute("role", "img"),
            new XAttribute("aria-label", "Times of the conversions by their steps"),
            names.SelectMany((name, index) => Legend(name, index, Width / Math.Max(names.Count, 8))),
            rows.SelectMany((row, index) => Bar(row, LegendHeight + index * RowHeight, longest, names))
        );
    }

    private static TimeSpan Total(ReportRow row) => row.Phases.Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase.Duration);

    /// <param name="width">Of each name.</param>
    private static IEnumerable<XElement> Legend(string name, int index, int width) =>
        [Rectangle(index * width, 6, 12, 12, index, name), Text(index * width + 17, 16, name)];

    private static IEnumerable<XElement> Bar(ReportRow row, int top, TimeSpan longest, List<string> names)
    {
        yield return Text(0, top + 15, Short(row.Machine ?? row.Source));
        double left = NameWidth;
        foreach (var phase in row.Phases)
        {
            var width = (Width - NameWidth - RateWidth) * phase.Duration.TotalSeconds / longest.TotalSeconds;
            yield return Rectangle(
                left,
                top,
                width,
                BarHeight,
                names.IndexOf(phase.Name),
                $"{phase.Name}: {ReportText.Of(phase.Duration)}"
            );
            left += width;
        }

        var rate = row.Rate is { } known ? ", " + ReportText.Rate(known) : "";
        yield return Text(left + 6, top + 15, ReportText.Of(Total(row)) + rate);
    }

    private static XElement Rectangle(double left, double top, double width, double height, int colour, string title) =>
        new(
            "rect",
            new XAttribute("x", Number(left)),
            new XAttribute("y", Number(top)),
            new XAttribute("width", Number(width)),
            new XAttribute("height", Number(height)),
            new XAttribute("fill", Colours[colour % Colours.Length]),
            new XElement("title", title)
        );

    private static XElement Text(double left, double top, string text) =>
        new("text", new XAttribute("x", Number(left)), new XAttribute("y", Number(top)), text);

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Short(string name) => name.Length <= 24 ? name : name.Substring(0, 23) + "…";
}
