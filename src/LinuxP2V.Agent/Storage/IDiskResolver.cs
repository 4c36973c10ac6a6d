using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>Finds the layout's disks among the helper's. Behind an interface so that tests can hand out loop devices.</summary>
internal interface IDiskResolver
{
    /// <returns>Disk number to device node (/dev/sda), every disk of the layout.</returns>
    /// <exception cref="AgentException">DiskNotFound: a disk is missing or too small.</exception>
    Task<IReadOnlyDictionary<int, string>> ResolveAsync(TargetLayout layout, CancellationToken cancellationToken);
}
