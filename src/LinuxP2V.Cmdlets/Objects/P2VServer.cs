using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets;

/// <summary>A connected destination.</summary>
public sealed class P2VServer
{
    internal const string LocalKind = "Local";

    internal P2VServer(string name, IDestination destination)
    {
        Name = name;
        Destination = destination;
        Reference = destination.Reference;
        IsConnected = true;
    }

    /// <summary>A name still to be looked up among the connected servers.</summary>
    internal P2VServer(string name) => Name = name;

    public string Name { get; }

    /// <summary>Local: a folder in which QEMU's machines lie.</summary>
    public string? Kind => Reference?.Kind;

    public string? Address => Reference?.Address;

    public P2VAccelerator Accelerator { get; internal init; }

    public P2VDiskImageFormat DiskImageFormat { get; internal init; }

    public bool IsConnected { get; internal set; }

    internal IDestination? Destination { get; }

    internal DestinationReference? Reference { get; }

    public override string ToString() => Name;
}
