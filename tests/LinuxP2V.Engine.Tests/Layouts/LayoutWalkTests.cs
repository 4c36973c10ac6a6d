using System.Text.RegularExpressions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Engine.Tests.Tasks;

namespace LinuxP2V.Engine.Tests.Layouts;

/// <summary>Discovery and planner give the same answer of each machine, and the answer makes sense.</summary>
public sealed class LayoutWalkTests
{
    public static TheoryData<string> Names => [.. LayoutCase.Names];

    public static TheoryData<string, string> NamesAndDestinations
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var name in LayoutCase.Names)
            {
                data.Add(name, "vSphere");
                data.Add(name, "local");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndDestinations))]
    public void What_is_an_error_is_not_planned_and_what_is_not_planned_is_an_error(string name, string kind)
    {
        var destination = kind == "local" ? SampleSources.Local : SampleSources.VSphere;
        var facts = LayoutCase.Load(name).Facts;
        var errors = ErrorsOf(facts, new TaskSettings(), destination);
        if (errors.Count == 0)
        {
            LayoutSanity.Check(Plan(facts, new TaskSettings(), destination));
            return;
        }

        var refusal = Assert.Throws<P2VException>(() => Plan(facts, new TaskSettings(), destination));
        Assert.Equal(errors[0].Id, refusal.ErrorId);
        Assert.Equal(errors[0].Remedy, refusal.Remedy);
        Assert.All(errors, error => Assert.Contains(error.What, refusal.Message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_a_destination_a_VM_on_vSphere_is_judged(string name)
    {
        var facts = LayoutCase.Load(name).Facts;
        Assert.Equal(SourceInspector.Inspect(facts, null, SampleSources.VSphere), SourceInspector.Inspect(facts));
    }

    /// <summary>Each remedy that names a parameter is tried: the error must be gone.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_remedy_that_names_a_parameter_removes_the_error(string name)
    {
        var facts = LayoutCase.Load(name).Facts;
        foreach (var error in ErrorsOf(facts, new TaskSettings(), SampleSources.VSphere))
        {
            Assert.True(error is { What.Length: > 20, Remedy.Length: > 10, Subject.Length: > 0 }, error.ToString());
            if (Regex.Match(error.Remedy, @"-ExcludeVolume (\S+)") is { Success: true } named)
            {
                var pattern = named.Groups[1].Value.TrimEnd('.', ',');
                Assert.False(pattern is "/" or "/boot" or "/usr", $"{name}: {error.Remedy}");
                Assert.DoesNotContain(
                    ErrorsOf(facts, new TaskSettings { ExcludeVolumes = [pattern] }, SampleSources.VSphere),
                    still => still.Subject == error.Subject
                );
            }

            if (error.Remedy.Contains("-SkipReconfiguration", StringComparison.Ordinal))
                Assert.DoesNotContain(error, ErrorsOf(facts, new TaskSettings { SkipReconfiguration = true }, SampleSources.VSphere));
        }
    }

    private static List<Finding> ErrorsOf(SourceFacts facts, TaskSettings settings, DestinationReference destination) =>
        [.. SourceInspector.Inspect(facts, settings, destination).Where(finding => finding.Severity == FindingSeverity.Error)];

    private static ConversionTask Plan(SourceFacts facts, TaskSettings settings, DestinationReference destination) =>
        ConversionPlanner.Plan(SampleSources.Endpoint, facts, settings, destination);
}
