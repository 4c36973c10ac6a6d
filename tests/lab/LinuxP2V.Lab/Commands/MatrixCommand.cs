using LinuxP2V.Lab.Matrix;

namespace LinuxP2V.Lab.Commands;

/// <summary>Runs rows of the matrix one after the other: a conversion keeps two processors busy.</summary>
internal static class MatrixCommand
{
    /// <param name="names">The rows; none means all.</param>
    /// <returns>Exit code: 0 when no row failed.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        IReadOnlyList<MatrixRow> rows = names.Count == 0 ? MatrixRow.All : [.. names.Select(MatrixRow.Named)];
        var failed = new List<string>();
        foreach (var row in rows)
        {
            var result = await new MatrixRun(row, Console.WriteLine).RunAsync(cancellationToken);
            result.Save();
            // After each row, so that an interrupt loses none.
            MatrixPage.Write();
            Console.WriteLine($"== {row.Name}: {result.Outcome}");
            if (result.Outcome == MatrixOutcome.Failed)
            {
                failed.Add(row.Name);
            }
        }

        MatrixPage.Write();
        Console.WriteLine($"{rows.Count - failed.Count} of {rows.Count} rows passed. docs/matrix.md tells more.");
        return failed.Count == 0 ? 0 : 1;
    }

    public static Task<int> WritePageAsync()
    {
        MatrixPage.Write();
        return Task.FromResult(0);
    }
}
