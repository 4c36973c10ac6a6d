using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Outside a VM there are no slots to know disks by: they are named to the daemon, in the order of the layout.</summary>
internal sealed class GivenDiskResolver(IReadOnlyList<string> devices) : IDiskResolver
{
    public Task<IReadOnlyDictionary<int, string>> ResolveAsync(TargetLayout layout, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<int, string>>(
            layout.Disks.ToDictionary(
                disk => disk.Number,
                disk =>
                    disk.Number < devices.Count
                        ? devices[disk.Number]
                        : throw new AgentException(
                            ErrorIds.DiskNotFound,
                            $"Disk {disk.Number} was not named to the agent, which has {devices.Count} disks.",
                            "Start the agent with a device for each disk of the task: --disks /dev/loop0,/dev/loop1."
                        )
            )
        );
}
