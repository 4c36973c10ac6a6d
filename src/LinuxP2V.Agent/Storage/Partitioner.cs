using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Writes partition tables, and brings partitions up on disks that have theirs already.</summary>
internal sealed class Partitioner(StorageSettings settings, IEventSink sink)
{
    /// <exception cref="AgentException">PartitioningFailed or TargetDiskFull.</exception>
    public async Task WriteAsync(TargetDisk disk, string device, CancellationToken cancellationToken)
    {
        if (disk.PartitionTable == PartitionTableKind.None)
        {
            return;
        }

        var end = disk.Partitions.Select(partition => partition.StartBytes + partition.SizeBytes).DefaultIfEmpty().Max();
        if (end > disk.SizeBytes)
        {
            throw new AgentException(
                ErrorIds.TargetDiskFull,
                $"The partitions of disk {disk.Number} end at byte {end}; the disk has {disk.SizeBytes}.",
                "Plan a larger disk or smaller volumes and run the conversion again."
            );
        }

        var script = SfdiskScript.Build(disk, BlockNodes.SectorBytes(device), number => BlockNodes.Partition(device, number));
        sink.Debug($"Partitioning {device}:\n{script}");
        var result = await Tool.RunAsync(
            "sfdisk",
            ["--wipe", "always", "--wipe-partitions", "always", "--no-reread", "--no-tell-kernel", device],
            cancellationToken,
            script
        );
        result.OrThrow(
            ErrorIds.PartitioningFailed,
            $"Disk {disk.Number} ({device}, {disk.SizeBytes} bytes) could not be partitioned.",
            "Read the tool's output; if the disk is in use, restart the helper VM and run the conversion again."
        );
        await AppearAsync(disk, device, cancellationToken);
    }

    public Task AppearAsync(TargetDisk disk, string device, CancellationToken cancellationToken) =>
        BlockNodes.AppearAsync(device, [.. disk.Partitions.Select(partition => partition.Number)], settings.NodeWait, cancellationToken);
}
