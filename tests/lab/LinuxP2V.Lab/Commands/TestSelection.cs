namespace LinuxP2V.Lab.Commands;

/// <summary>Which tests run: the quick ones, all, or all of some areas.</summary>
/// <param name="Areas">None: all areas.</param>
internal sealed record TestSelection(bool IsFull, IReadOnlyList<string> Areas)
{
    /// <summary>The filter of dotnet test; null where every test of a suite runs.</summary>
    public string? Filter
    {
        get
        {
            var areas = string.Join('|', Areas.Select(area => $"Area={area}"));
            return (IsFull, areas.Length > 0) switch
            {
                (true, true) => areas,
                (true, false) => null,
                (false, true) => $"Run!=Full&({areas})",
                (false, false) => "Run!=Full",
            };
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
