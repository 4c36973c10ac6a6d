using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
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
    Task<EngineSource> ReadSourceAsync(SourceQuery query, SourceSecrets secrets, IEngineConsole console, CancellationToken cancellationToken);

    IReadOnlyList<Finding> Inspect(SourceFacts facts, TaskSettings? settings);

    ConversionTask Plan(SourceEndpoint source, SourceFacts facts, TaskSettings settings, DestinationReference destination);

    string Serialize(ConversionTask task);

    ConversionTask Deserialize(string definition);

    IDestination OpenLocal(string folder, LocalServerOptions options, IEngineConsole console);

    /// <summary>A vCenter or ESXi. Disposing it ends the session, unless that is borrowed.</summary>
    Task<IDestination> ConnectVSphereAsync(VSphereServerOptions options, IEngineConsole console, CancellationToken cancellationToken);

    /// <summary>The path of the helper ISO: the explicit one, else the one that came with the module.</summary>
    string LocateHelperImage(string? explicitPath, string moduleFolder);
}

internal sealed record EngineSource(SourceEndpoint Endpoint, SourceFacts Facts, SourceSecrets Secrets);

/// <summary>Where a source is and how to get there, without a secret.</summary>
internal sealed record SourceQuery
{
    public required string Host { get; init; }

    public int Port { get; init; } = 22;

    public required string User { get; init; }

    public P2VHostKeyPolicy HostKeyPolicy { get; init; }

    /// <summary>SHA256:… as ssh-keygen -l prints it.</summary>
    public string? HostKeyFingerprint { get; init; }

    public string? KnownHostsPath { get; init; }

    /// <summary>sudo even where the user may be root; else only where it is not.</summary>
    public bool AlwaysSudo { get; init; }

    public TimeSpan ConnectTimeout { get; init; }

    public SourceQuery? JumpHost { get; init; }
}

internal sealed record LocalServerOptions(P2VAccelerator Accelerator, P2VDiskImageFormat DiskImageFormat);
