using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.EngineAccess;

/// <summary>The engine itself.</summary>
internal sealed class EngineAdapter : IEngine
{
    /// <summary>The engine keeps one for the process: a conversion that one runspace drives is known as driven to all others.</summary>
    public IConversionManager Conversions => ConversionManager.ForUser();

    public Task<DiscoveredSource> ReadSourceAsync(
        SourceConnectionOptions options,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    ) => SourceDiscovery.ReadAsync(options, secrets, console, cancellationToken);

    public IReadOnlyList<Finding> Inspect(SourceFacts facts, TaskSettings? settings, DestinationReference? destination) =>
        SourceInspector.Inspect(facts, settings, destination);

    public Task<TaskReport> TestAsync(
        ConversionTask task,
        IDestination destination,
        string? helperImagePath,
        SourceSecrets? secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    ) => TaskCheck.FindAsync(task, destination, helperImagePath, secrets, console, cancellationToken);

    public Task<ReconfigurationPreview> PlanReconfigurationAsync(
        ConversionTask task,
        SourceSecrets? secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    ) => ReconfigurationPlanner.PlanAsync(task, secrets, console, cancellationToken);

    public IReadOnlyList<Finding> RequireNoErrors(ConversionTask task, IReadOnlyList<Finding> findings, bool isForced) =>
        TaskCheck.RequireNoErrors(task, findings, isForced);

    public ConversionTask Plan(SourceEndpoint source, SourceFacts facts, TaskSettings settings, DestinationReference destination) =>
        ConversionPlanner.Plan(source, facts, settings, destination);

    public string SerializeSource(DiscoveredSource source) => SourceJson.Serialize(source);

    public DiscoveredSource DeserializeSource(string definition) => SourceJson.Deserialize(definition);

    public string Serialize(ConversionTask task) => TaskJson.Serialize(task);

    public ConversionTask Deserialize(string definition) => TaskJson.Deserialize(definition);

    public string Describe(object value) => EngineJson.Describe(value);

    public IDestination OpenLocal(string folder, LocalDestinationOptions options, IEngineConsole console) =>
        LocalDestination.Open(folder, options, console);

    public async Task<IDestination> ConnectVSphereAsync(
        VSphereConnectionOptions options,
        IEngineConsole console,
        CancellationToken cancellationToken
    ) => await VSphereDestination.ConnectAsync(options, console, cancellationToken);

    public string LocateHelperImage(string? explicitPath, string moduleFolder) => HelperImage.Locate(explicitPath, moduleFolder);
}
