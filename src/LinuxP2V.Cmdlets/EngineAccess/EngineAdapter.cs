using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.EngineAccess;

/// <summary>The engine itself.</summary>
internal sealed class EngineAdapter : IEngine
{
    /// <summary>The engine keeps one for the process: a conversion that one runspace drives is known as driven to all others.</summary>
    public IConversionManager Conversions => ConversionManager.ForUser();

    public async Task<EngineSource> ReadSourceAsync(
        SourceQuery query, SourceSecrets secrets, IEngineConsole console, CancellationToken cancellationToken)
    {
        var found = await SourceDiscovery.ReadAsync(ToOptions(query), secrets, console, cancellationToken);
        return new EngineSource(found.Endpoint, found.Facts, found.Secrets);
    }

    public IReadOnlyList<Finding> Inspect(SourceFacts facts, TaskSettings? settings) => SourceInspector.Inspect(facts, settings);

    public ConversionTask Plan(SourceEndpoint source, SourceFacts facts, TaskSettings settings, DestinationReference destination) =>
        ConversionPlanner.Plan(source, facts, settings, destination);

    public string Serialize(ConversionTask task) => TaskJson.Serialize(task);

    public ConversionTask Deserialize(string definition) => TaskJson.Deserialize(definition);

    public IDestination OpenLocal(string folder, LocalServerOptions options, IEngineConsole console) => LocalDestination.Open(
        folder,
        new LocalDestinationOptions
        {
            Accelerator = Names.Same<LocalAccelerator>(options.Accelerator),
            ImageFormat = Names.Same<DiskImageFormat>(options.DiskImageFormat),
        },
        console);

    public async Task<IDestination> ConnectVSphereAsync(
        VSphereServerOptions options, IEngineConsole console, CancellationToken cancellationToken) =>
        await VSphereDestination.ConnectAsync(
            new VSphereConnectionOptions
            {
                Address = options.Address,
                Port = options.Port,
                UserName = options.UserName,
                Password = options.Password,
                SessionSecret = options.SessionSecret,
                CertificateThumbprint = options.CertificateThumbprint,
                SkipCertificateCheck = options.SkipCertificateCheck,
            },
            console,
            cancellationToken);

    public string LocateHelperImage(string? explicitPath, string moduleFolder) => HelperImage.Locate(explicitPath, moduleFolder);

    private static SourceConnectionOptions ToOptions(SourceQuery query) => new()
    {
        Host = query.Host,
        Port = query.Port,
        User = query.User,
        HostKeyPolicy = Names.Same<HostKeyPolicy>(query.HostKeyPolicy),
        PinnedFingerprint = query.HostKeyFingerprint,
        KnownHostsPath = query.KnownHostsPath,
        Elevation = query.AlwaysSudo ? ElevationPreference.Always : ElevationPreference.Auto,
        ConnectTimeout = query.ConnectTimeout,
        JumpHost = query.JumpHost is null ? null : ToOptions(query.JumpHost),
    };
}
