namespace LinuxP2V.Windows.Tests.Support;

/// <summary>
/// The runs that it took to see scripts through: .NET crashes now and then under wine, so they get a second run. What
/// the first recorded before its end counts all the same: a wrong answer is never tried away.
/// </summary>
/// <param name="runs">Each with the records of all its scripts.</param>
public sealed class JudgedRuns(IReadOnlyList<ScriptRun> runs)
{
    private const int MostRuns = 2;

    /// <param name="run">Runs the scripts once, from a clean start, given the number of the run: 1, 2.</param>
    public static async Task<JudgedRuns> MakeAsync(Func<int, Task<ScriptRun>> run)
    {
        var runs = new List<ScriptRun>();
        do
        {
            runs.Add(await run(runs.Count + 1));
        } while (!runs[^1].IsWhole && runs.Count < MostRuns);

        return new JudgedRuns(runs);
    }

    /// <summary>
    /// Holds every record of a step against what it must be; skips the test when no run came so far. A script that never
    /// began is a defect of the tests, and no crash to be borne.
    /// </summary>
    public void Judge(string step, Action<StepRecord> judge)
    {
        var records = runs.SelectMany(run => run.Steps).Where(record => record.Name == step).ToList();
        var deaths = string.Join("\n", runs.Select(run => run.Death));
        Assert.True(runs.Any(run => run.Steps.Count > 0), deaths);
        Skip.If(records.Count == 0 && runs.All(run => !run.IsWhole), deaths);
        Assert.True(records.Count > 0, $"The script has no step '{step}'.");
        records.ForEach(judge);
    }
}
