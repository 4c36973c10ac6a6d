using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>The error that names what ran out: bytes or inodes.</summary>
internal static class TargetDiskFull
{
    public const string Remedy =
        "Remove what is not needed from the source and resume the conversion; "
        + "or make the volume larger (-VolumeSize) or leave out paths (-ExcludePath) in a new one.";

    public static async Task<AgentException> DescribeAsync(TargetVolume volume, string targetPath, CancellationToken cancellationToken)
    {
        var facts = await Tool.RunAsync("stat", ["-f", "-c", "%S %b %a %c %d", targetPath], cancellationToken);
        var numbers = facts
            .Output.Split(' ', StringSplitOptions.TrimEntries)
            .Select(n => long.TryParse(n, out var value) ? value : 0)
            .ToArray();
        var (block, blocks, free, inodes, freeInodes) =
            numbers.Length == 5 ? (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]) : default;
        var what =
            inodes > 0 && freeInodes == 0
                ? $"all {inodes} inodes of the copy are in use; the source used {volume.UsedInodes}"
                : $"{free * block} of {blocks * block} bytes are free; the source used {volume.UsedBytes}";
        return new AgentException(
            ErrorIds.TargetDiskFull,
            $"{volume.Id} does not fit onto its volume in the destination VM: {what}.",
            Remedy
        );
    }
}
