namespace LinuxP2V.Engine.Destinations;

/// <summary>One place that a VM can go to, and what it loads there.</summary>
/// <param name="Placement">For the VM's specification: names this place and no other.</param>
/// <param name="Host">A key, the same for every VM on that host. Null: the destination has no hosts to spread over.</param>
/// <param name="Datastores">Keys as well; none where space is not shared.</param>
public sealed record MachinePlace(PlacementSettings Placement, string? Host, IReadOnlyList<string> Datastores);
