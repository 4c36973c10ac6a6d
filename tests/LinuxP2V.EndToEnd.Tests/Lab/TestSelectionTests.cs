using System.Reflection;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Commands;

namespace LinuxP2V.EndToEnd.Tests.Lab;

/// <summary>Which tests a run takes: a test that no area has would never run with -Area.</summary>
[Trait("Area", "Conversions")]
public sealed class TestSelectionTests
{
    private static readonly IReadOnlyList<TestSuite> Suites = TestSuites.Parse([
        "# a comment",
        "",
        "Agent A.Tests",
        "vSphere B.Tests",
        "Conversions B.Tests beside",
        "Machines B.Tests full",
        "Windows W.Tests full",
    ]);

    [Fact]
    public void The_table_gives_each_suite_once_with_all_its_areas()
    {
        Assert.Equal(["A.Tests", "B.Tests", "W.Tests"], Suites.Select(suite => suite.Name));
        Assert.Equal(["vSphere", "Conversions", "Machines"], Suites[1].Areas);
        Assert.Equal(["Agent", "vSphere Conversions", ""], Suites.Select(suite => string.Join(' ', suite.QuickAreas)));
        Assert.Equal([false, true, false], Suites.Select(suite => suite.RunsBeside));
    }

    [Theory]
    [InlineData("Agent")]
    [InlineData("Agent A.Tests quick")]
    [InlineData("Agent A.Tests full more")]
    public void A_line_that_is_not_understood_is_an_error(string line) =>
        Assert.Contains(line, Assert.Throws<LabException>(() => TestSuites.Parse([line])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(false, "", "A.Tests B.Tests", "Run!=Full&Run!=Guest")]
    [InlineData(true, "", "A.Tests B.Tests W.Tests", "Run!=Guest")]
    [InlineData(true, "Windows", "W.Tests", "Run!=Guest&(Area=Windows)")]
    [InlineData(true, "vSphere Agent", "A.Tests B.Tests", "Run!=Guest&(Area=vSphere|Area=Agent)")]
    [InlineData(false, "vSphere", "B.Tests", "Run!=Full&Run!=Guest&(Area=vSphere)")]
    [InlineData(false, "Machines", "", "Run!=Full&Run!=Guest&(Area=Machines)")]
    [InlineData(true, "Machines", "B.Tests", "Run!=Guest&(Area=Machines)")]
    public void A_selection_takes_its_suites_and_tests(bool isFull, string areas, string suites, string filter)
    {
        var selection = new TestSelection(isFull, areas.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(suites, string.Join(' ', selection.SuitesOf(Suites).Select(suite => suite.Name)));
        Assert.Equal(filter, selection.Filter);
    }

    [Fact]
    public void An_unknown_area_is_told_with_those_there_are()
    {
        var error = Assert.Throws<LabException>(() => new TestSelection(true, ["Nope"]).SuitesOf(Suites));
        Assert.Contains("'Nope'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Windows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_test_project_is_in_the_table()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(LabPaths.Repository, "tests"), "*.Tests.csproj", SearchOption.AllDirectories);
        var listed = TestSuites.Parse(File.ReadLines(LabPaths.TestAreas)).Select(suite => suite.Name);
        Assert.Empty(projects.Select(Path.GetFileNameWithoutExtension).Except(listed));
    }

    [Fact]
    public void Every_class_of_whole_machines_has_an_area_of_the_table()
    {
        var areas = TestSuites.Parse(File.ReadLines(LabPaths.TestAreas)).SelectMany(suite => suite.Areas).ToHashSet();
        var classes = typeof(TestSelectionTests)
            .Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(FactAttribute))));
        Assert.All(
            classes,
            type =>
                Assert.Contains(
                    type.GetCustomAttributesData().Where(data => data.AttributeType == typeof(TraitAttribute)),
                    data =>
                        (string?)data.ConstructorArguments[0].Value == "Area" && areas.Contains((string)data.ConstructorArguments[1].Value!)
                )
        );
    }
}
