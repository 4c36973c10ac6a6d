namespace LinuxP2V.Lab;

/// <summary>Where things are. Caches and run folders lie below .lab of the repository, or where LINUXP2V_LAB says.</summary>
public static class LabPaths
{
    public static string Repository { get; } = FindRepository();

    public static string Lab { get; } =
        Environment.GetEnvironmentVariable("LINUXP2V_LAB") is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.Combine(Repository, ".lab");

    public static string Output => Path.Combine(Repository, "out");

    /// <summary>The table of test suites and their areas.</summary>
    public static string TestAreas => Path.Combine(Repository, "tests", "areas.txt");

    /// <summary>Runs PowerShell with the arguments given: the user's own, or the one that the repository pins.</summary>
    public static string PowerShell => Path.Combine(Repository, "build", "pwsh.sh");

    public static string SourceRecipe => Path.Combine(Repository, "tests", "lab", "source");

    /// <summary>The folder of one run, made if it is missing.</summary>
    public static string Run(string name) => Directory.CreateDirectory(Path.Combine(Lab, "run", name)).FullName;

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LinuxP2V.sln")))
            {
                return folder.FullName;
            }
        }

        throw new LabException($"No LinuxP2V.sln above {AppContext.BaseDirectory}: run the lab from its repository.");
    }
}
