using System.Text.RegularExpressions;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Sources.Probing;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Engine.Tests.Tasks;

namespace LinuxP2V.Engine.Tests.Layouts;

/// <summary>What the probe reports of a machine, in a file of Layouts/Cases: read, inspected and planned.</summary>
internal sealed class LayoutCase(string name, string text)
{
    private const string Prefix = "layouts/";

    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(LayoutCase)
            .Assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource => resource[Prefix.Length..])
            .Order(StringComparer.Ordinal),
    ];

    public SourceFacts Facts { get; } = Read(text);

    /// <summary>Each with its title line.</summary>
    public IReadOnlyList<string> Sections { get; } = [.. Regex.Split(text, "(?m)^(?=@ )").Where(section => section.StartsWith('@'))];

    public static LayoutCase Load(string name)
    {
        using var stream = typeof(LayoutCase).Assembly.GetManifestResourceStream(Prefix + name)!;
        using var reader = new StreamReader(stream);
        return new LayoutCase(name, reader.ReadToEnd());
    }

    /// <summary>A neighbour: the same machine with other text in one place.</summary>
    public LayoutCase With(string old, string changed)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return new LayoutCase(name, text.Replace(old, changed, StringComparison.Ordinal));
    }

    /// <summary>One more section before the end.</summary>
    public LayoutCase WithSection(string section) => With("\n@ end", $"\n{section}\n\n@ end");

    public IReadOnlyList<Finding> Inspect(TaskSettings? settings = null) => SourceInspector.Inspect(Facts, settings);

    public IReadOnlyList<Finding> Errors(TaskSettings? settings = null) =>
        [.. Inspect(settings).Where(finding => finding.Severity == FindingSeverity.Error)];

    public ConversionTask Plan(TaskSettings? settings = null) =>
        ConversionPlanner.Plan(SampleSources.Endpoint, Facts, settings ?? new TaskSettings(), SampleSources.VSphere);

    private static SourceFacts Read(string text)
    {
        var output = ProbeOutput.Parse(text, "@");
        Assert.True(output.IsComplete);
        return SourceFactsReader.Read(output, DateTimeOffset.UnixEpoch);
    }
}
