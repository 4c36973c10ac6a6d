namespace LinuxP2V.Bench;

/// <summary>Where things are. What the benchmark makes lies below .lab of the repository, or where LINUXP2V_LAB says.</summary>
internal static class BenchPaths
{
    public static string Repository { get; } = FindRepository();

    public static string Work => Path.Combine(Lab, "bench");

    /// <summary>As the build publishes it.</summary>
    public static string Agent => Path.Combine(Repository, ".lab", "agent", "linuxp2v-agent");

    public static string Page => Path.Combine(Repository, "docs", "benchmarks.md");

    /// <summary>Of a run that nobody should quote.</summary>
    public static string OtherPage => Path.Combine(Repository, "out", "benchmarks.md");

    public static string Notes => Path.Combine(Repository, "bench", "notes.md");

    private static string Lab =>
        Environment.GetEnvironmentVariable("LINUXP2V_LAB") is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.Combine(Repository, ".lab");

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LinuxP2V.sln")))
                return folder.FullName;
        }

        throw new BenchException($"No LinuxP2V.sln above {AppContext.BaseDirectory}: run the benchmark from its repository.");
    }
}
