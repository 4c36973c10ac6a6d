namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// Which type of fault is derived from which. A server answers with the most special one, and each version has more of them:
/// what is known of a type holds for those below it.
/// </summary>
internal static class FaultTree
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> Parents = new(Read);

    /// <summary>The type itself, then what it is derived from, up to the root.</summary>
    public static IEnumerable<string> LineageOf(string fault)
    {
        for (var type = fault; type is not null; type = Parents.Value.TryGetValue(type, out var parent) ? parent : null)
            yield return type;
    }

    private static Dictionary<string, string> Read()
    {
        using var reader = new StreamReader(
            typeof(FaultTree).Assembly.GetManifestResourceStream("LinuxP2V.Engine.Destinations.VSphere.Vim.faults.txt")!
        );
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("#", StringComparison.Ordinal) && line.Split(' ') is [var fault, var parent])
                parents[fault] = parent;
        }

        return parents;
    }
}
