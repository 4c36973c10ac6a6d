using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Device nodes of partitions: their names, and making sure that they are there without udev.</summary>
internal static class BlockNodes
{
    /// <summary>/dev/sda and 1 to /dev/sda1; a name that ends in a digit takes a p.</summary>
    public static string Partition(string disk, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{disk}{(char.IsAsciiDigit(disk[^1]) ? "p" : "")}{number}");

    public static int SectorBytes(string disk)
    {
        var file = $"/sys/class/block/{Path.GetFileName(disk)}/queue/logical_block_size";
        return
            File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : 512;
    }

    /// <summary>Makes the kernel know the disk's partitions and waits for their nodes.</summary>
    /// <exception cref="AgentException">PartitioningFailed: a partition did not appear.</exception>
    public static async Task AppearAsync(string disk, IReadOnlyList<int> partitions, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (partitions.Count == 0)
        {
            return;
        }

        var reread = await Tool.RunAsync("blockdev", ["--rereadpt", disk], cancellationToken);
        if (partitions.Any(number => !IsKnown(disk, number)))
        {
            // Kernels without a reader for this table, and disks that were in use, are told partition by partition.
            await Tool.RunAsync("partx", ["-d", disk], cancellationToken);
            await Tool.RunAsync("partx", ["-a", disk], cancellationToken);
        }

        var waited = Stopwatch.StartNew();
        foreach (var number in partitions)
        {
            while (!await HasNodeAsync(disk, number, cancellationToken))
            {
                if (waited.Elapsed >= wait)
                {
                    throw new AgentException(
                        ErrorIds.PartitioningFailed,
                        $"{Partition(disk, number)} did not appear after {disk} was partitioned.",
                        "Restart the helper VM and run the conversion again.",
                        reread.Succeeded ? null : reread.LastLines
                    );
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }

    private static bool IsKnown(string disk, int number) =>
        File.Exists($"/sys/class/block/{Path.GetFileName(Partition(disk, number))}/dev");

    private static async Task<bool> HasNodeAsync(string disk, int number, CancellationToken cancellationToken)
    {
        if (!IsKnown(disk, number))
        {
            return false;
        }

        var node = Partition(disk, number);
        if (!File.Exists(node))
        {
            var numbers = (await File.ReadAllTextAsync($"/sys/class/block/{Path.GetFileName(node)}/dev", cancellationToken))
                .Trim()
                .Split(':');
            await Tool.RunAsync("mknod", ["-m", "600", node, "b", .. numbers], cancellationToken);
        }

        return File.Exists(node);
    }
}
