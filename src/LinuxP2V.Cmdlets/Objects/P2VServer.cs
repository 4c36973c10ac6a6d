using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets;

/// <summary>A connected destination.</summary>
public sealed class P2VServer
{
    internal const string LocalKind = "Local";
    internal const string VSphereKind = "VSphere";

    internal P2VServer(string name, IDestination destination)
    {
        Name = name;
        Connection = new ServerConnection(destination);
        IsConnected = true;
    }

    /// <summary>A name still to be looked up among the connected servers.</summary>
    internal P2VServer(string name) => Name = name;

    /// <summary>A connection of PowerCLI's that is borrowed when it is first needed.</summary>
    internal P2VServer(IServerLender lender)
    {
        Name = lender.Name;
        Lender = lender;
    }

    public string Name { get; }

    /// <summary>Local: a folder in which QEMU's machines lie. VSphere: a vCenter or an ESXi.</summary>
    public string? Kind => Connection?.Reference.Kind;

    public string? Address => Connection?.Reference.Address;

    public int? Port { get; internal init; }

    /// <summary>As the server names itself, with version and build.</summary>
    public string? Product { get; internal init; }

    public string? Version { get; internal init; }

    public string? User { get; internal init; }

    /// <summary>SHA-256 in hex of the certificate that the server showed.</summary>
    public string? CertificateThumbprint { get; internal init; }

    /// <summary>Whether the session is PowerCLI's, which is never logged out here.</summary>
    public bool IsBorrowed { get; internal init; }

    public P2VAccelerator? Accelerator { get; internal init; }

    public P2VDiskImageFormat? DiskImageFormat { get; internal init; }

    public bool IsConnected { get; internal set; }

    /// <summary>Null for a name, or for a connection of PowerCLI, that is still to be connected.</summary>
    internal ServerConnection? Connection { get; }

    internal IServerLender? Lender { get; }

    public override string ToString() => Name;
}
