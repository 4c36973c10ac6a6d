using LinuxP2V.Agent.Reconfigure;
using LinuxP2V.Agent.Storage;

namespace LinuxP2V.Agent;

/// <summary>The one place where storage and reconfiguration are put in.</summary>
internal static class Parts
{
    /// <param name="disks">Device nodes in the order of the layout; null: the VM's, found by where they sit.</param>
    public static ITargetStorage CreateStorage(IReadOnlyList<string>? disks = null) =>
        new TargetStorage(resolver: disks is null ? null : new GivenDiskResolver(disks));

    public static IReconfigurer CreateReconfigurer() => new Reconfigurer();
}
