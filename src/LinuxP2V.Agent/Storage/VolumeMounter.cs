using System.Globalization;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Mounts each file system of a layout alone, in a folder numbered by its place in the layout.</summary>
internal sealed class VolumeMounter(StorageSettings settings)
{
    public async Task<string> MountAsync(TargetLayout layout, TargetVolume volume, string device, CancellationToken cancellationToken)
    {
        var index = layout.Volumes.ToList().IndexOf(volume);
        var folder = Path.Combine(settings.VolumesRoot, index.ToString(CultureInfo.InvariantCulture));
        await Mounts.MountAsync(device, folder, ["-t", TypeOf(volume.FileSystem.Kind), "-o", Options(volume)], cancellationToken);
        return folder;
    }

    /// <summary>
    /// Creates the subvolumes that btrfs volumes of one device are mounted from; several volumes of a layout then share
    /// the device.
    /// </summary>
    public async Task CreateSubvolumesAsync(string device, IReadOnlyList<TargetVolume> volumes, CancellationToken cancellationToken)
    {
        var names = volumes.Select(Subvolume).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        var preset = volumes.FirstOrDefault(volume => volume.Subvolume is { IsDefault: true })?.Subvolume?.Path;
        if (names.Count == 0)
        {
            return;
        }

        var folder = Path.Combine(settings.VolumesRoot, "btrfs");
        await Mounts.MountAsync(device, folder, ["-t", "btrfs", "-o", "subvolid=5"], cancellationToken);
        try
        {
            foreach (var name in names)
            {
                var path = Path.Combine(folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                (await Tool.RunAsync("btrfs", ["subvolume", "create", path], cancellationToken)).OrThrow(
                    ErrorIds.FormatFailed,
                    $"Subvolume {name} could not be created on {device}.",
                    "Read the tool's output and run the conversion again."
                );
            }

            if (preset is not null)
            {
                (await Tool.RunAsync("btrfs", ["subvolume", "set-default", Path.Combine(folder, preset)], cancellationToken)).OrThrow(
                    ErrorIds.FormatFailed,
                    $"Subvolume {preset} could not be made the default of {device}.",
                    "See the tool's words and run the conversion again."
                );
            }
        }
        finally
        {
            await Mounts.UnmountTreeAsync(folder, CancellationToken.None);
        }
    }

    public static string TypeOf(FileSystemKind kind) =>
        kind switch
        {
            FileSystemKind.Ext2 => "ext2",
            FileSystemKind.Ext3 => "ext3",
            FileSystemKind.Ext4 => "ext4",
            FileSystemKind.Xfs => "xfs",
            FileSystemKind.Btrfs => "btrfs",
            FileSystemKind.Vfat => "vfat",
            _ => "swap",
        };

    /// <summary>The path of the volume's subvolume below the file system's top, null for the top itself.</summary>
    public static string? Subvolume(TargetVolume volume) =>
        volume.FileSystem.Kind != FileSystemKind.Btrfs ? null
        : volume.Subvolume is { } named ? named.Path
        : (volume.MountOptions ?? "")
            .Split(',')
            .Where(option => option.StartsWith("subvol=", StringComparison.Ordinal))
            .Select(option => option["subvol=".Length..].Trim('/'))
            .LastOrDefault(name => name.Length > 0);

    private static string Compression(TargetVolume volume) =>
        (volume.MountOptions ?? "").Split(',').LastOrDefault(option => option.StartsWith("compress", StringComparison.Ordinal)) is { } found
            ? "," + found
            : "";

    private static string Options(TargetVolume volume) =>
        volume.FileSystem.Kind switch
        {
            // Without it FAT would fold names, and group and others could write.
            FileSystemKind.Vfat => "noatime,shortname=mixed,umask=0077",
            // The top is named as well: without a name the default subvolume would be mounted. Compressed as the source has
            // it, the data takes the room that was planned for it.
            FileSystemKind.Btrfs => $"noatime,subvol=/{Subvolume(volume)}{Compression(volume)}",
            // A copy by blocks has its source's UUID, and both may be seen at once where the agent runs beside the source.
            FileSystemKind.Xfs => "noatime,nouuid",
            _ => "noatime",
        };
}
