using System.Management.Automation;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommunications.Connect, "P2VServer", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(P2VServer))]
public sealed class ConnectP2VServerCommand : P2VCmdlet
{
    private const string ServerSet = "Server";
    private const string VIServerSet = "VIServer";
    private const string LocalSet = "Local";
    private const int DefaultPort = 443;

    [Parameter(Position = 0, ParameterSetName = ServerSet)]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    [Parameter(ParameterSetName = ServerSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    [Parameter(ParameterSetName = ServerSet)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = VIServerSet)]
    [ServerTransformation]
    [ValidateNotNull]
    public P2VServer[] VIServer { get; set; } = [];

    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = VIServerSet)]
    [ValidatePattern("^([0-9A-Fa-f]{2}[: ]?){19}[0-9A-Fa-f]{2}$|^([0-9A-Fa-f]{2}[: ]?){31}[0-9A-Fa-f]{2}$")]
    public string? CertificateThumbprint { get; set; }

    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = VIServerSet)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = VIServerSet)]
    [ValidateRange(30, 86400)]
    public int HelperTimeoutSec { get; set; } = 300;

    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = VIServerSet)]
    [ValidateRange(0, 86400)]
    public int BusyTimeoutSec { get; set; } = 600;

    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = VIServerSet)]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = VIServerSet)]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = LocalSet)]
    [ValidateNotNullOrEmpty]
    public string LocalPath { get; set; } = "";

    [Parameter(ParameterSetName = LocalSet)]
    public P2VAccelerator Accelerator { get; set; }

    [Parameter(ParameterSetName = LocalSet)]
    public P2VDiskImageFormat DiskImageFormat { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        RequireProxyAddress();
        switch (ParameterSetName)
        {
            case LocalSet:
                OpenLocal();
                break;
            case VIServerSet:
                foreach (var given in VIServer)
                    await BorrowAsync(given, cancellationToken);
                break;
            default:
                await ConnectAllAsync(cancellationToken);
                break;
        }
    }

    private void RequireProxyAddress()
    {
        if (Proxy is { IsAbsoluteUri: true, Scheme: "http" or "https" } or null && (ProxyCredential is null || Proxy is not null))
            return;

        throw new P2VException(
            ErrorIds.ServerUnreachable,
            Proxy is null ? "-ProxyCredential is for a proxy that -Proxy names." : $"'{Proxy}' is no address of a proxy.",
            "Give -Proxy an address such as http://proxy.example.com:3128.",
            Proxy
        );
    }

    /// <summary>One that cannot be connected does not stop the others.</summary>
    private async Task ConnectAllAsync(CancellationToken cancellationToken)
    {
        if (Server.Length < 2)
        {
            WriteObject(await Servers.ConnectAsync(WithNetwork(ReadOptions(Server.FirstOrDefault())), cancellationToken));
            return;
        }

        foreach (var name in Server)
        {
            try
            {
                WriteObject(await Servers.ConnectAsync(WithNetwork(ReadOptions(name)), cancellationToken));
            }
            catch (P2VException e)
            {
                WriteFailure(e, name);
            }
        }
    }

    private void OpenLocal()
    {
        var folder = ResolvePath(LocalPath);
        var destination = Engine.OpenLocal(folder, ReadLocalOptions(), Console);
        var server = new P2VServer(Path.GetFileName(folder.TrimEnd('/', '\\')), destination)
        {
            Accelerator = Accelerator,
            DiskImageFormat = DiskImageFormat,
        };
        Session.Servers.Add(server);
        WriteObject(server);
    }

    private LocalDestinationOptions ReadLocalOptions() =>
        new()
        {
            Accelerator = EnumMapper.Map<LocalAccelerator>(Accelerator),
            ImageFormat = EnumMapper.Map<DiskImageFormat>(DiskImageFormat),
        };

    private async Task BorrowAsync(P2VServer given, CancellationToken cancellationToken)
    {
        try
        {
            var lender = given.Lender ?? Servers.FindLender(given.Name);
            WriteObject(
                await Servers.ConnectAsync(WithNetwork(lender.ToOptions(CertificateThumbprint, SkipCertificateCheck)), cancellationToken)
            );
        }
        catch (P2VException e)
        {
            WriteFailure(e, given);
        }
    }

    private VSphereConnectionOptions WithNetwork(VSphereConnectionOptions options) =>
        options with
        {
            HelperTimeout = TimeSpan.FromSeconds(HelperTimeoutSec),
            BusyTimeout = TimeSpan.FromSeconds(BusyTimeoutSec),
            Proxy = Proxy,
            ProxyUserName = ProxyCredential?.UserName,
            ProxyPassword = ProxyCredential?.GetNetworkCredential().Password,
        };

    private VSphereConnectionOptions ReadOptions(string? server)
    {
        // Without a credential it is PowerCLI's connection that is meant.
        if (Credential is null)
            return Servers.FindLender(server).ToOptions(CertificateThumbprint, SkipCertificateCheck);
        var address = ReadAddress(server);
        return new VSphereConnectionOptions
        {
            Address = address.Host,
            Port = Port ?? address.Port ?? DefaultPort,
            UserName = Credential.UserName.TrimStart('\\'),
            Password = Credential.GetNetworkCredential().Password,
            CertificateThumbprint = CertificateThumbprint,
            SkipCertificateCheck = SkipCertificateCheck,
        };
    }

    private static HostAddress ReadAddress(string? server)
    {
        const string Remedy =
            "Give the name or IP address of a vCenter or ESXi, such as vc01 or vc01:8443. A folder of this machine goes with -LocalPath.";
        if (server is not { Length: > 0 } || server.IndexOfAny(['/', '\\', '@', ' ']) >= 0)
            throw new P2VException(ErrorIds.ServerUnreachable, $"'{server}' is no address of a server.", Remedy, server);
        return HostAddress.Parse(server, ErrorIds.ServerUnreachable, Remedy);
    }
}
