using System.Text.Json;
using System.Text.Json.Serialization;

namespace LinuxP2V.Lab.Matrix;

public enum MatrixOutcome
{
    /// <summary>The copy booted three times and equalled its source each time.</summary>
    Passed,

    /// <summary>The source was refused before the copy, as it should be.</summary>
    Refused,

    Failed,
}

/// <summary>How long a step of a row took.</summary>
public sealed record MatrixPhase(string Name, int Seconds);

/// <summary>What the source said of its software.</summary>
/// <param name="Loader">Packages of boot loaders with their versions.</param>
public sealed record MatrixVersions(string Debian, string Kernel, string Loader);

/// <summary>What came of a row when it ran last: a file of tests/lab/matrix/results, so that rows run one at a time.</summary>
/// <param name="Commit">Of the repository, with a mark where it held more.</param>
/// <param name="Product">The version of the module.</param>
/// <param name="Versions">Null where the source did not boot.</param>
/// <param name="Reason">Of a failure; else empty.</param>
/// <param name="Console">The last lines of the machine's serial console, of a failure; else empty.</param>
public sealed record MatrixResult(
    string Name,
    DateTimeOffset Date,
    string Commit,
    string Product,
    MatrixVersions? Versions,
    MatrixOutcome Outcome,
    IReadOnlyList<MatrixPhase> Phases,
    string Reason,
    IReadOnlyList<string> Console
)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static string Folder => Path.Combine(LabPaths.Repository, "tests", "lab", "matrix", "results");

    /// <summary>Null where the row never ran.</summary>
    public static MatrixResult? Load(string name) =>
        File.Exists(FileOf(name)) ? JsonSerializer.Deserialize<MatrixResult>(File.ReadAllText(FileOf(name)), Format) : null;

    public void Save()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(FileOf(Name), JsonSerializer.Serialize(this, Format) + "\n");
    }

    private static string FileOf(string name) => Path.Combine(Folder, name + ".json");
}
