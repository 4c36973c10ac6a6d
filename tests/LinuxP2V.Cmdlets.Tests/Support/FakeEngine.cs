using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using LinuxP2V.Cmdlets.EngineAccess;
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
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests.Support;

/// <summary>An engine without machines: it plans one disk for one root volume and records what it was asked.</summary>
internal sealed class FakeEngine : IEngine
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };
    private int reading;

    public FakeManager Manager { get; } = new();

    public FakeDestination? Destination { get; private set; }

    public ConcurrentBag<(SourceConnectionOptions Query, SourceSecrets Secrets)> Reads { get; } = [];

    public int MostReadsAtOnce { get; private set; }

    public TimeSpan ReadDelay { get; set; } = TimeSpan.Zero;

    public LocalDestinationOptions? LocalOptions { get; private set; }

    /// <summary>Every session that was opened.</summary>
    public List<(VSphereConnectionOptions Options, FakeServer Server)> Connections { get; } = [];

    public Action<FakeServer>? OnConnect { get; set; }

    public DestinationReference? PlannedFor { get; private set; }

    public TaskSettings? PlannedWith { get; private set; }

    public IReadOnlyList<Finding> Findings { get; set; } = [];

    public string HelperImage { get; set; } = "/helper.iso";

    public IConversionManager Conversions => Manager;

    public async Task<DiscoveredSource> ReadSourceAsync(
        SourceConnectionOptions query,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        Reads.Add((query, secrets));
        lock (this)
            MostReadsAtOnce = Math.Max(MostReadsAtOnce, ++reading);
        try
        {
            await Task.Delay(ReadDelay, cancellationToken);
            console.Verbose($"read {query.Host}");
            if (query.Host.StartsWith("down", StringComparison.Ordinal))
                throw new P2VException(ErrorIds.SourceUnreachable, $"{query.Host} does not answer.", "Check its address.", query.Host);
            return new DiscoveredSource(
                new SourceEndpoint
                {
                    Host = query.Host,
                    Port = query.Port,
                    User = query.User,
                    HostKeys = ["ssh-ed25519 AAAA"],
                },
                Samples.Facts(query.Host),
                secrets
            );
        }
        finally
        {
            lock (this)
                reading--;
        }
    }

    public DestinationReference? InspectedFor { get; private set; }

    public IReadOnlyList<Finding> Inspect(SourceFacts facts, TaskSettings? settings, DestinationReference? destination)
    {
        InspectedFor = destination;
        return Findings;
    }

    public List<PlannedChange> PlannedChanges { get; } = [];

    /// <summary>The secrets that the source's configuration was asked for with last.</summary>
    public SourceSecrets? ReadConfigurationWith { get; private set; }

    /// <summary>The helper image that a task was tested with last.</summary>
    public string? TestedWith { get; private set; }

    public async Task<TaskReport> TestAsync(
        ConversionTask task,
        IDestination destination,
        string? helperImagePath,
        SourceSecrets? secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        ReadConfigurationWith = secrets;
        TestedWith = helperImagePath;
        var ofDestination = await destination.TestAsync(task.Plan.Machine, helperImagePath, cancellationToken);
        return new TaskReport([.. Findings.Concat(ofDestination).OrderByDescending(finding => finding.Severity)], PlannedChanges);
    }

    public Task<ReconfigurationPreview> PlanReconfigurationAsync(
        ConversionTask task,
        SourceSecrets? secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        ReadConfigurationWith = secrets;
        return Task.FromResult(new ReconfigurationPreview(PlannedChanges, []));
    }

    public IReadOnlyList<Finding> RequireNoErrors(ConversionTask task, IReadOnlyList<Finding> findings, bool isForced) =>
        TaskCheck.RequireNoErrors(task, findings, isForced);

    public ConversionTask Plan(SourceEndpoint source, SourceFacts facts, TaskSettings settings, DestinationReference destination)
    {
        PlannedWith = settings;
        PlannedFor = destination;
        return Samples.Task(source, facts, settings, destination);
    }

    public string SerializeSource(DiscoveredSource source) => SourceJson.Serialize(source);

    public DiscoveredSource DeserializeSource(string definition) => SourceJson.Deserialize(definition);

    public string Serialize(ConversionTask task) => JsonSerializer.Serialize(task, Json);

    public ConversionTask Deserialize(string definition)
    {
        try
        {
            return JsonSerializer.Deserialize<ConversionTask>(definition, Json)!;
        }
        catch (JsonException e)
        {
            throw new P2VException(ErrorIds.TaskUnreadable, "The task cannot be read.", "Make it anew with New-P2VTask.", null, e);
        }
    }

    public string Describe(object value) => EngineJson.Describe(value);

    public IDestination OpenLocal(string folder, LocalDestinationOptions options, IEngineConsole console)
    {
        LocalOptions = options;
        return Destination = new FakeDestination(new DestinationReference("Local", folder));
    }

    public Task<IDestination> ConnectVSphereAsync(
        VSphereConnectionOptions options,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        if (options.Address.StartsWith("down", StringComparison.Ordinal))
            throw new P2VException(
                ErrorIds.ServerUnreachable,
                $"{options.Address} does not answer.",
                "Check its address.",
                options.Address
            );
        if (options.SessionSecret is null && options.Password != "geheim")
            throw new P2VException(ErrorIds.ServerAuthenticationFailed, "The login was refused.", "Check the password.", options.Address);
        var server = new FakeServer(options.Address, options.Port == 443 ? null : options.Port);
        Connections.Add((options, server));
        OnConnect?.Invoke(server);
        return Task.FromResult<IDestination>(server);
    }

    public string LocateHelperImage(string? explicitPath, string moduleFolder) =>
        explicitPath == "/missing.iso" || HelperImage.Length == 0
            ? throw new P2VException(ErrorIds.HelperImageMissing, "There is no helper image.", "Build it.")
            : explicitPath ?? HelperImage;
}
