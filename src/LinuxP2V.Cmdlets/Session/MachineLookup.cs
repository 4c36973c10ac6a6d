using System.Globalization;
using LinuxP2V.Cmdlets.PowerCli;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>Finds a conversion's VM when somebody asks for it. It fails at nothing: what cannot be asked stays unknown.</summary>
internal sealed class MachineLookup(P2VSession session, Conversion conversion, string machineId)
{
    /// <summary>A property must not hang its pipeline.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private DestinationReference Reference => conversion.Task.Destination;

    private bool IsOnVSphere => Reference.Kind != P2VServer.LocalKind;

    public object Find()
    {
        var id = IsOnVSphere ? "VirtualMachine-" + machineId : machineId;
        return (IsOnVSphere ? PowerCliMachines.Find(Reference.Address, id) : null) ?? Describe(id);
    }

    private P2VVirtualMachine Describe(string id)
    {
        var server = session.Servers.Find(Reference);
        var machine = server?.Connection?.Destination is { } destination ? Ask(destination) : null;
        return new P2VVirtualMachine
        {
            Name = machine?.Name ?? conversion.Task.Name,
            Id = id,
            Uid = IsOnVSphere && server is not null ? UidOf(server, id) : null,
            PowerState = machine?.Power.ToString(),
            Server = Reference.Address,
            Location = machine?.Location ?? conversion.Location,
        };
    }

    private DestinationMachine? Ask(IDestination destination)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        try
        {
            return Task.Run(() => destination.GetAsync(machineId, timeout.Token)).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is P2VException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>user@domain is domain\user there, in lower case.</summary>
    private static string UidOf(P2VServer server, string id)
    {
        var user = (server.User ?? "").ToLowerInvariant();
        var at = user.LastIndexOf('@');
        if (at > 0)
            user = $"{user.Substring(at + 1)}\\{user.Substring(0, at)}";
        return string.Format(
            CultureInfo.InvariantCulture,
            "/VIServer={0}@{1}:{2}/VirtualMachine={3}/",
            user,
            server.Address,
            server.Port,
            id
        );
    }
}
