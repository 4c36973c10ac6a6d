using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace LinuxP2V.Engine.Reports;

/// <summary>A report as one HTML page with everything in it, for a browser and for print. Nothing in it is run or fetched.</summary>
public static class HtmlReport
{
    private static readonly string[] TextColumns = ["Source", "VM", "Operating system", "State"];
    private static readonly string[] NumberColumns = ["Data", "Disks", "Estimate", "Time", "Rate", "Cutover"];

    /// <summary>The page as text.</summary>
    public static string Write(Report report)
    {
        var page = new XElement(
            "html",
            new XAttribute("lang", "en"),
            new XElement(
                "head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width")),
                new XElement("title", report.Title),
                new XElement("style", ReadStyle())
            ),
            new XElement("body", Header(report), Counts(report), Machines(report), Times(report), Details(report))
        );
        foreach (var text in page.DescendantNodes().OfType<XText>())
            text.Value = Possible(text.Value);

        // HTML reads <td /> as the beginning of one.
        foreach (
            var empty in page.Descendants()
                .Where(element => element.IsEmpty && element.Name.LocalName is not ("meta" or "rect" or "img"))
                .ToList()
        )
            empty.Value = "–";

        return "<!DOCTYPE html>\n" + page;
    }

    private static string ReadStyle()
    {
        using var reader = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream("LinuxP2V.Engine.Reports.report.css")!);
        return reader.ReadToEnd();
    }

    /// <summary>Without characters that XML cannot hold: a name of a source may have any.</summary>
    private static string Possible(string text) => new([.. text.Where((c, index) => XmlConvert.IsXmlChar(c) || IsPair(text, index))]);

    private static bool IsPair(string text, int index) =>
        char.IsHighSurrogate(text[index])
            ? index + 1 < text.Length && char.IsLowSurrogate(text[index + 1])
            : char.IsLowSurrogate(text[index]) && index > 0 && char.IsHighSurrogate(text[index - 1]);

    private static IEnumerable<XElement> Header(Report report) =>
        [
            new XElement("h1", report.Title),
            new XElement(
                "p",
                new XAttribute("class", "made"),
                $"Made by LinuxP2V on {report.MadeAt.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)}. "
                    + $"Times of copies that are to come are estimated at {ReportText.Rate(report.AssumedRate)}, "
                    + (report.IsRateMeasured ? "the median of the conversions below." : "a usual rate: none was measured yet.")
            ),
        ];

    private static XElement Counts(Report report) =>
        new(
            "ul",
            new XAttribute("class", "counts"),
            new XElement("li", new XElement("b", report.Rows.Count), "machines"),
            report
                .Rows.GroupBy(row => row.Readiness)
                .OrderBy(same => same.Key)
                .Select(same => new XElement("li", new XElement("b", same.Count()), ReportText.Of(same.Key).ToLowerInvariant())),
            new XElement("li", new XElement("b", ByteSize.Format(report.Rows.Sum(row => row.UsedBytes))), "of data")
        );

    private static XElement Machines(Report report) =>
        new(
            "table",
            new XElement(
                "thead",
                new XElement(
                    "tr",
                    TextColumns.Select(name => new XElement("th", name)),
                    NumberColumns.Select(name => new XElement("th", new XAttribute("class", "number"), name)),
                    new XElement("th", "Compared"),
                    new XElement("th", "Twin")
                )
            ),
            new XElement("tbody", report.Rows.Select(Row))
        );

    private static XElement Row(ReportRow row) =>
        new(
            "tr",
            new XElement("td", row.Source),
            new XElement("td", row.Machine ?? "–"),
            new XElement("td", row.OperatingSystem ?? "–"),
            new XElement("td", new XElement("span", new XAttribute("class", $"state {row.Readiness}"), ReportText.Of(row.Readiness))),
            new[]
            {
                ByteSize.Format(row.UsedBytes),
                row.CapacityBytes is { } capacity ? ByteSize.Format(capacity) : "–",
                ReportText.Of(row.Estimate),
                ReportText.Of(row.Duration),
                row.Rate is { } rate ? ReportText.Rate(rate) : "–",
                ReportText.Of(row.Cutover),
            }.Select(text => new XElement("td", new XAttribute("class", "number"), text)),
            new XElement(
                "td",
                row.IsVerified switch
                {
                    true => "equal",
                    false => "DIFFERENT",
                    null => "–",
                }
            ),
            new XElement(
                "td",
                row.Boot?.Booted switch
                {
                    true => "booted",
                    false => "DID NOT BOOT",
                    null => "–",
                }
            )
        );

    private static IEnumerable<XElement> Times(Report report) =>
        DurationChart.Draw([.. report.Rows.Where(row => row.Phases.Count > 0)]) is { } chart ? [new XElement("h2", "Times"), chart] : [];

    private static IEnumerable<XElement> Details(Report report)
    {
        var told = report.Rows.Where(row => row.Problem is not null || row.Boot is not null || row.Findings.Count > 0).ToList();
        return told.Count == 0 ? [] : [new XElement("h2", "What to know"), .. told.SelectMany(Detail)];
    }

    private static IEnumerable<XElement> Detail(ReportRow row) =>
        [
            new XElement("h3", row.Machine is null || row.Machine == row.Source ? row.Source : $"{row.Source} → {row.Machine}"),
            .. row.Problem is { } problem ? [new XElement("p", problem)] : Array.Empty<XElement>(),
            .. row.Boot is { } boot ? Booted(boot) : [],
            .. row.Findings.Count > 0 ? [new XElement("dl", row.Findings.SelectMany(Finding))] : Array.Empty<XElement>(),
        ];

    private static IEnumerable<XElement> Booted(ReportBoot boot) =>
        [
            new XElement(
                "p",
                $"A twin of the copy {(boot.Booted ? "booted" : "did not boot")}. {boot.Reason}",
                boot.FailedUnits.Count == 0 ? "" : $" Failed units: {string.Join(", ", boot.FailedUnits)}."
            ),
            .. boot.Pictures.Select(picture => new XElement(
                "img",
                new XAttribute("alt", "The screen of the twin"),
                new XAttribute("src", "data:image/png;base64," + Convert.ToBase64String(picture))
            )),
        ];

    private static IEnumerable<XElement> Finding(Finding finding) =>
        [
            new XElement("dt", $"{finding.Severity}: {finding.Id} ({finding.Subject})"),
            new XElement("dd", finding.What),
            new XElement("dd", new XAttribute("class", "remedy"), finding.Remedy),
        ];
}
