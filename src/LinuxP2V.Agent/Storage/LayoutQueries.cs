using System.Security.Cryptography;
using System.Text.Json;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>What storage and reconfiguration ask of a layout.</summary>
internal static class LayoutQueries
{
    public const string FinishedMarker = ".linuxp2v-finished";

    private static readonly string[] EspMountPoints = ["/boot/efi", "/efi", "/boot"];

    /// <exception cref="AgentException">PlanNotPossible: there is no volume for /.</exception>
    public static TargetVolume RootVolume(this TargetLayout layout) =>
        layout.VolumeAt("/")
        ?? throw new AgentException(
            ErrorIds.PlanNotPossible,
            "The layout has no volume for /.",
            "Include / in the task: a machine without it cannot boot."
        );

    public static TargetVolume? VolumeAt(this TargetLayout layout, string mountPoint) =>
        layout.Volumes.FirstOrDefault(volume => volume.MountPoint == mountPoint);

    /// <summary>The volume that a path lies on: the one with the longest mount point above it.</summary>
    public static TargetVolume VolumeHolding(this TargetLayout layout, string path) =>
        layout
            .Volumes.Where(volume =>
                volume.MountPoint is { } mount && (mount == "/" || path == mount || path.StartsWith(mount + "/", StringComparison.Ordinal))
            )
            .MaxBy(volume => volume.MountPoint!.Length)
        ?? layout.RootVolume();

    /// <summary>The EFI system partition, null where the layout has none.</summary>
    public static TargetVolume? EfiVolume(this TargetLayout layout) =>
        EspMountPoints.Select(layout.VolumeAt).FirstOrDefault(volume => volume?.FileSystem.Kind == FileSystemKind.Vfat);

    /// <summary>Where the finished marker goes: the file system that the firmware's next stage reads first.</summary>
    public static TargetVolume BootVolume(this TargetLayout layout) =>
        (layout.Firmware == Firmware.Uefi ? layout.EfiVolume() : null) ?? layout.VolumeHolding("/boot");

    /// <summary>Disks that a volume lies on: its own, or all of its group's.</summary>
    public static IEnumerable<TargetDisk> DisksOf(this TargetLayout layout, TargetVolume volume)
    {
        var references = volume.Device.VolumeGroup is { } name
            ? layout.VolumeGroups.Where(group => group.Name == name).SelectMany(group => group.PhysicalVolumes)
            : [volume.Device];
        var numbers = references.Select(reference => reference.Disk).ToHashSet();
        return layout.Disks.Where(disk => numbers.Contains(disk.Number));
    }

    /// <summary>
    /// Tells two layouts apart by what is built, not by what the source happened to use when it was read, so that a task
    /// planned anew from fresh numbers still finds its copy.
    /// </summary>
    public static string Hash(this TargetLayout layout)
    {
        var built = layout with
        {
            Volumes = [.. layout.Volumes.Select(volume => volume with { UsedBytes = 0, UsedInodes = 0, ExcludedPaths = [] })],
        };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(built, ProtocolJson.Default.TargetLayout)));
    }
}
