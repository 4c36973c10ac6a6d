using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Planning;

/// <summary>What a plan is made of.</summary>
/// <param name="Destination">Null: none was chosen yet; a VM on vSphere is assumed.</param>
internal sealed record PlanInput(SourceFacts Facts, TaskSettings Settings, DestinationReference? Destination)
{
    public bool IsLocal => Destination is not null && DestinationKinds.IsLocal(Destination);

    public string Host => Facts.HostName;
}
