using LinuxP2V.Lab.Commands;

namespace LinuxP2V.EndToEnd.Tests.Lab;

/// <summary>The closing line of a test run: a suite that left no results must count as a failure, not vanish.</summary>
[Trait("Area", "Conversions")]
public sealed class TestSummaryTests : IDisposable
{
    private const string TrxHead = """<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">""";

    private readonly string folder = Directory.CreateTempSubdirectory("linuxp2v-summary-").FullName;

    [Fact]
    public void Results_of_all_suites_are_added_up()
    {
        WriteTrx("A.Tests", total: 7, executed: 6, passed: 6);
        WriteTrx("B.Tests", total: 3, executed: 3, passed: 3);
        WritePester("""{"passed":10,"failed":0,"skipped":2}""");
        Assert.Equal((0, "19 passed, 0 failed, 3 skipped\n"), Summarize("A.Tests", "B.Tests", "Pester"));
    }

    [Fact]
    public void What_neither_passed_nor_was_skipped_has_failed()
    {
        // Of six tests two passed and one was skipped; the rest failed, timed out or was aborted.
        WriteTrx("A.Tests", total: 6, executed: 5, passed: 2);
        Assert.Equal((1, "2 passed, 3 failed, 1 skipped\n"), Summarize("A.Tests"));
    }

    [Fact]
    public void Failures_of_Pester_fail_the_run()
    {
        WritePester("""{"passed":4,"failed":1,"skipped":0}""");
        Assert.Equal((1, "4 passed, 1 failed, 0 skipped\n"), Summarize("Pester"));
    }

    [Theory]
    [InlineData("B.Tests")]
    [InlineData("Pester")]
    public void A_suite_without_results_counts_as_failed(string missing)
    {
        WriteTrx("A.Tests", total: 2, executed: 2, passed: 2);
        Assert.Equal((1, "2 passed, 1 failed, 0 skipped\n"), Summarize("A.Tests", missing));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<TestRun>")]
    [InlineData("<TestRun/>")]
    [InlineData(TrxHead + """<Counters total="2"/></TestRun>""")]
    [InlineData(TrxHead + """<Counters total="2" executed="" passed="2"/></TestRun>""")]
    public void Results_that_are_not_whole_count_as_failed(string trx)
    {
        WriteTrx("A.Tests", total: 2, executed: 2, passed: 2);
        File.WriteAllText(Path.Combine(folder, "B.Tests.trx"), trx);
        Assert.Equal((1, "2 passed, 1 failed, 0 skipped\n"), Summarize("A.Tests", "B.Tests"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"passed":4,""")]
    [InlineData("""{"passed":"many"}""")]
    public void Pester_results_that_are_not_whole_count_as_failed(string json)
    {
        WriteTrx("A.Tests", total: 2, executed: 2, passed: 2);
        WritePester(json);
        Assert.Equal((1, "2 passed, 1 failed, 0 skipped\n"), Summarize("A.Tests", "Pester"));
    }

    [Fact]
    public void A_suite_that_holds_no_tests_counts_as_failed()
    {
        WriteTrx("A.Tests", total: 2, executed: 2, passed: 2);
        WriteTrx("B.Tests", total: 0, executed: 0, passed: 0);
        WritePester("{}");
        Assert.Equal((1, "2 passed, 2 failed, 0 skipped\n"), Summarize("A.Tests", "B.Tests", "Pester"));
    }

    [Fact]
    public void A_run_in_which_nothing_passed_fails()
    {
        WriteTrx("A.Tests", total: 2, executed: 0, passed: 0);
        Assert.Equal((1, "0 passed, 0 failed, 2 skipped\n"), Summarize("A.Tests"));
        Assert.Equal((1, "0 passed, 0 failed, 0 skipped\n"), Summarize());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private (int ExitCode, string Line) Summarize(params string[] suites)
    {
        var exitCode = TestSummary.Write(folder, TestSuites.Parse(suites.Select(suite => $"Agent {suite}")));
        return (exitCode, File.ReadAllText(Path.Combine(folder, "summary.txt")));
    }

    private void WriteTrx(string suite, int total, int executed, int passed) =>
        File.WriteAllText(
            Path.Combine(folder, $"{suite}.trx"),
            $"""
            {TrxHead}
              <ResultSummary><Counters total="{total}" executed="{executed}" passed="{passed}"/></ResultSummary>
            </TestRun>
            """
        );

    private void WritePester(string json) => File.WriteAllText(Path.Combine(folder, "Pester.json"), json);
}
