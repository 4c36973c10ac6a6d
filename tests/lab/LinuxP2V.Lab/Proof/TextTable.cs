namespace LinuxP2V.Lab.Proof;

/// <summary>Columns as wide as their widest cell; cells that are too long are cut in the middle.</summary>
public static class TextTable
{
    private const int WidestCell = 52;

    public static IEnumerable<string> Format(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var cells = rows.Select(row => row.Select(Cut).ToArray()).Prepend([.. header]).ToList();
        var widths = Enumerable.Range(0, header.Count).Select(column => cells.Max(row => row[column].Length)).ToArray();
        cells.Insert(1, [.. widths.Select(width => new string('-', width))]);
        return cells.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private static string Cut(string cell) =>
        cell.Length <= WidestCell ? cell : $"{cell[..(WidestCell / 2 - 1)]}…{cell[^(WidestCell / 2)..]}";
}
