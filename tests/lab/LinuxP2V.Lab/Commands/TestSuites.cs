namespace LinuxP2V.Lab.Commands;

/// <summary>A test project, the folder Pester or the tests in a guest, and the areas that its tests belong to.</summary>
/// <param name="QuickAreas">Those of the areas in which it has quick tests.</param>
/// <param name="RunsBeside">Its quick tests run beside the other suites.</param>
internal sealed record TestSuite(string Name, IReadOnlyList<string> Areas, IReadOnlyList<string> QuickAreas, bool RunsBeside)
{
    public ITestRunner Runner { get; } =
        Name switch
        {
            PesterRunner.Suite => new PesterRunner(),
            GuestTestRunner.Suite => new GuestTestRunner(),
            _ => new DotnetTestRunner(),
        };
}

/// <summary>The table of suites and areas, tests/areas.txt, which build.sh reads too.</summary>
internal static class TestSuites
{
    /// <exception cref="LabException">A line of the table is not understood.</exception>
    public static IReadOnlyList<TestSuite> Parse(IEnumerable<string> lines) =>
        [
            .. lines
                .Where(line => line.Length > 0 && line[0] != '#')
                .Select(ParseLine)
                .GroupBy(row => row.Suite)
                .Select(rows => new TestSuite(
                    rows.Key,
                    [.. rows.Select(row => row.Area)],
                    [.. rows.Where(row => row.Mark != "full").Select(row => row.Area)],
                    rows.Any(row => row.Mark == "beside")
                )),
        ];

    private static (string Area, string Suite, string? Mark) ParseLine(string line) =>
        line.Split(' ') switch
        {
            [var area, var suite] => (area, suite, null),
            [var area, var suite, ("full" or "beside") and var mark] => (area, suite, mark),
            _ => throw new LabException($"tests/areas.txt: '{line}' is not AREA SUITE [full|beside]."),
        };
}
