using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.EngineAccess;

/// <summary>
/// All that the cmdlets ask of the engine. Every member throws <see cref="P2VException"/> for what a user can meet.
/// Tests put a fake in its place.
/// </summary>
internal interface IEngine
{
    IConversionManager Conversions { get; }

    /// <summary>Connects, reads, disconnects.</summary>
    Task<DiscoveredSource> ReadSourceAsync(
        SourceConnectionOptions options,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    );

    /// <param name="destination">Null: a VM on vSphere.</param>
    IReadOnlyList<Finding> Inspect(SourceFacts facts, TaskSettings? settings, DestinationReference? destination);

    /// <summary>The findings about a task's source and its destination, and what its reconfiguration will change.</summary>
    /// <param name="helperImagePath">The image that the helper is to be made with; null: not known yet.</param>
    /// <param name="secrets">To read the source's configuration; null: it is not read.</param>
    Task<TaskReport> TestAsync(
        ConversionTask task,
        IDestination destination,
        string? helperImagePath,
        SourceSecrets? secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    );

    /// <summary>What the reconfiguration will change, and what speaks against it, from the source's configuration as it is now.</summary>
    Task<ReconfigurationPreview> PlanReconfigurationAsync(
        ConversionTask task,
        SourceSecrets? secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    );

    /// <summary>The errors among the findings; without -Force they are thrown as TaskHasErrors.</summary>
    IReadOnlyList<Finding> RequireNoErrors(ConversionTask task, IReadOnlyList<Finding> findings, bool isForced);

    ConversionTask Plan(SourceEndpoint source, SourceFacts facts, TaskSettings settings, DestinationReference destination);

    string SerializeSource(DiscoveredSource source);

    /// <summary>Without secrets: a text has none.</summary>
    DiscoveredSource DeserializeSource(string definition);

    string Serialize(ConversionTask task);

    ConversionTask Deserialize(string definition);

    /// <summary>
    /// One of our own objects as JSON, without what others own, such as PowerCLI's VM. This assembly has no JSON
    /// library of its own.
    /// </summary>
    string Describe(object value);

    IDestination OpenLocal(string folder, LocalDestinationOptions options, IEngineConsole console);

    /// <summary>A vCenter or ESXi. Disposing it ends the session, unless that is borrowed.</summary>
    Task<IDestination> ConnectVSphereAsync(VSphereConnectionOptions options, IEngineConsole console, CancellationToken cancellationToken);

    /// <summary>The path of the helper ISO: the explicit one, else the one that came with the module.</summary>
    string LocateHelperImage(string? explicitPath, string moduleFolder);
}
