using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>What a <see cref="P2VServer"/> stands for. A type of its own, since public types must name none of the engine's.</summary>
internal sealed class ServerConnection(IDestination destination)
{
    public IDestination Destination { get; } = destination;

    public DestinationReference Reference { get; } = destination.Reference;
}
