using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using LinuxP2V.Guest.Checks;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Support;

/// <summary>A guest of the folder Cases: a tree of files, the layout that it meets, and what the plan makes of it.</summary>
internal sealed class GuestCase
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly FolderStore store;

    private GuestCase(string folder, GuestTarget target, GuestPlan plan)
    {
        store = new FolderStore(Path.Combine(folder, "tree"));
        Target = target;
        Plan = plan;
    }

    /// <summary>All cases.</summary>
    public static IEnumerable<string> Names =>
        Directory.GetDirectories(Path.Combine(Folder(), "Cases")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public GuestTarget Target { get; }

    public GuestPlan Plan { get; }

    /// <summary>The files as they were found.</summary>
    public GuestTree Tree => new(store);

    public IReadOnlyList<Finding> Findings => Plan.Findings;

    public IEnumerable<string> Changed => Plan.Changes.Select(change => change.Subject);

    /// <summary>What would keep the case from booting, of its files as they stand and as the plan leaves them.</summary>
    public (IReadOnlyList<Finding> Before, IReadOnlyList<Finding> Planned) BootFindings =>
        (BootCheck.Run(store, Target), BootCheck.Run(Target, Plan));

    /// <param name="concerns">Steps to run; all where none is given. A case holds the files of its concern alone.</param>
    public static GuestCase Run(string name, params string[] concerns) => Run(name, options => options, concerns);

    public static GuestCase Run(string name, Func<ReconfigureOptions, ReconfigureOptions> change, params string[] concerns)
    {
        var folder = Path.Combine(Folder(), "Cases", name);
        var given = JsonSerializer.Deserialize<CaseFile>(File.ReadAllText(Path.Combine(folder, "case.json")), Json)!;
        var target = new GuestTarget(given.Layout, change(given.Options));
        return new GuestCase(folder, target, GuestPlanner.Plan(new FolderStore(Path.Combine(folder, "tree")), target, concerns));
    }

    /// <summary>The file as the plan leaves it.</summary>
    public string Text(string path) =>
        Plan.Changes.OfType<FileText>().LastOrDefault(change => change.Path == path)?.Text ?? store.ReadText(path);

    /// <summary>A file that the plan does not write, remove or replace.</summary>
    public bool IsUntouched(string path) => Plan.Changes.All(change => change.Subject != path);

    public static string TreeOf(string name) => Path.GetFullPath(Path.Combine(Folder(), "Cases", name, "tree"));

    private static string Folder([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "..");

    private sealed record CaseFile(TargetLayout Layout, ReconfigureOptions Options);
}
