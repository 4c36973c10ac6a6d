using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Matches the layout's disk addresses with what sysfs shows, and waits a little for late disks.</summary>
internal sealed class SysfsDiskResolver(SysfsDiskReader reader, TimeSpan wait) : IDiskResolver
{
    public async Task<IReadOnlyDictionary<int, string>> ResolveAsync(TargetLayout layout, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var seen = reader.Read();
            var missing = layout.Disks.FirstOrDefault(disk => seen.All(candidate => candidate.Address != disk.Address));
            if (missing is null)
            {
                return layout.Disks.ToDictionary(disk => disk.Number, disk => Match(disk, seen));
            }

            if (waited.Elapsed >= wait)
            {
                throw new AgentException(
                    ErrorIds.DiskNotFound,
                    $"Disk {missing.Number} is not at {missing.Address.Controller} "
                        + $"controller {missing.Address.Bus}, unit {missing.Address.Unit}.",
                    "Check that the VM still has the disks that the task gave it, "
                        + "and on the same controllers; then run the conversion again.",
                    Describe(seen)
                );
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }

    private static string Match(TargetDisk disk, IReadOnlyList<SysfsDisk> seen)
    {
        var found = seen.First(candidate => candidate.Address == disk.Address);
        return found.SizeBytes >= disk.SizeBytes
            ? $"/dev/{found.Name}"
            : throw new AgentException(
                ErrorIds.DiskNotFound,
                $"Disk {disk.Number} at {disk.Address.Controller} {disk.Address.Bus}:{disk.Address.Unit} "
                    + $"has {found.SizeBytes} bytes; the layout asks for {disk.SizeBytes}.",
                "Give the VM's disk the size that the task names, or create the helper VM anew.",
                Describe(seen)
            );
    }

    private static string Describe(IReadOnlyList<SysfsDisk> seen) =>
        seen.Count == 0 ? "The helper sees no disk at all." : $"The helper sees {string.Join(", ", seen)}.";
}
