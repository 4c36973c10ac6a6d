namespace LinuxP2V.Lab.Commands;

/// <summary>Which tests run: the quick ones, all, or all of some areas.</summary>
/// <param name="Areas">None: all areas.</param>
internal sealed record TestSelection(bool IsFull, IReadOnlyList<string> Areas)
{
    /// <summary>The filter of dotnet test. Tests that run in a guest are a suite of their own.</summary>
    public string Filter
    {
        get
        {
            var areas = string.Join('|', Areas.Select(area => $"Area={area}"));
            var runs = $"{(IsFull ? "" : "Run!=Full&")}Run!={GuestTestRunner.Run}";
            return areas.Length > 0 ? $"{runs}&({areas})" : runs;
        }
    }

    /// <exception cref="LabException">There is no such area.</exception>
    public IReadOnlyList<TestSuite> SuitesOf(IReadOnlyList<TestSuite> all)
    {
        var known = all.SelectMany(suite => suite.Areas).Distinct().ToList();
        if (Areas.Except(known).FirstOrDefault() is { } unknown)
        {
            throw new LabException($"There is no test area '{unknown}'. The areas are {string.Join(", ", known)}.");
        }

        return [.. all.Where(suite => (IsFull ? suite.Areas : suite.QuickAreas).Any(area => Areas.Count == 0 || Areas.Contains(area)))];
    }
}
