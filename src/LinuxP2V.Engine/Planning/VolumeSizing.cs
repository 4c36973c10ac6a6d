using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Sizes of the copy's volumes, checked against what they must hold.</summary>
internal static class VolumeSizing
{
    /// <summary>Room for an initramfs that is built beside the old one.</summary>
    private const long BootReserve = 128 * ByteSize.MiB;

    /// <summary>Of what is compressed on the source.</summary>
    private const double CompressedReserve = 1.1;

    /// <summary>mkfs.xfs makes none smaller.</summary>
    private const long XfsMinimum = 300 * ByteSize.MiB;

    /// <exception cref="P2VException">VolumeNotFound, VolumeTooSmall, PlanNotPossible.</exception>
    public static void Apply(
        IReadOnlyDictionary<string, long> sizes,
        IReadOnlyList<PlannedVolume> volumes,
        IReadOnlyList<SkippedVolume> skipped
    )
    {
        foreach (var volume in volumes.Where(volume => volume.Owner is null))
        {
            var isTooSmallXfs = volume.FileSystem.Kind == FileSystemKind.Xfs && volume.SourceSize < XfsMinimum;
            volume.TargetSize = isTooSmallXfs ? XfsMinimum : volume.SourceSize;
            volume.IsResized = isTooSmallXfs;
        }

        foreach (var pair in sizes)
        {
            var name = pair.Key.Length > 1 ? pair.Key.TrimEnd('/') : pair.Key;
            var volume = volumes.FirstOrDefault(candidate => candidate.Id == name) ?? throw NotFound(name, volumes, skipped);
            if (volume.Owner is { } owner)
                throw SizedByOwner(volume, owner);
            if (pair.Value == volume.SourceSize)
                continue;

            var size = ByteSize.RoundUp(pair.Value, ByteSize.MiB);
            Check(volume, size);
            volume.TargetSize = size;
            volume.IsResized = true;
        }

        foreach (var volume in volumes.Where(volume => volume.Owner is null && Compression(volume) is not null))
            RequireRoomForCompressed(volume);
    }

    /// <summary>The least size that holds the volume's data: its files and 5 percent, and what the file system takes for itself.</summary>
    public static long MinimumSize(PlannedVolume volume, long size)
    {
        var used = volume.UsedBytes;
        var needed = (long)(used * (Compression(volume) is null ? 1.05 : CompressedReserve));
        var minimum = volume.FileSystem.Kind switch
        {
            FileSystemKind.Swap => 4 * ByteSize.MiB,
            FileSystemKind.Xfs => Math.Max(XfsMinimum, needed + (64 * ByteSize.MiB) + (size / 100)),
            FileSystemKind.Btrfs => Math.Max(128 * ByteSize.MiB, needed + (used / 20) + (256 * ByteSize.MiB)),
            FileSystemKind.Vfat => Math.Max(volume.IsEfiSystem ? 64 * ByteSize.MiB : 2 * ByteSize.MiB, needed + (4 * ByteSize.MiB)),
            _ => Math.Max(8 * ByteSize.MiB, needed + ExtOverhead(volume.FileSystem.Ext, size)),
        };
        if (volume.Id == "/boot")
            minimum = Math.Max(minimum, needed + BootReserve);

        return ByteSize.RoundUp(minimum, ByteSize.MiB);
    }

    private static void Check(PlannedVolume volume, long size)
    {
        if (size <= 0)
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"-VolumeSize for {volume.Id} is {size} bytes.",
                "Give a size above zero, in GB.",
                volume.Id
            );

        var minimum = MinimumSize(volume, size);
        // A volume that only grows, or that is as full as it was, is no worse off than on the source.
        if (size >= minimum || size > volume.SourceSize)
            return;

        var used = volume.Mount is null
            ? ""
            : $" It holds {ByteSize.Format(volume.UsedBytes)} of {ByteSize.Format(volume.SourceSize)} on the source.";
        throw new P2VException(
            ErrorIds.VolumeTooSmall,
            $"{volume.Id} cannot be made {ByteSize.Format(size)}: it needs at least {ByteSize.Format(minimum)} as "
                + $"{volume.FileSystem.Kind.ToString().ToLowerInvariant()}.{used}",
            $"Give {volume.Id} at least {ByteSize.Format(minimum)} with -VolumeSize, or leave data out with -ExcludePath or on the source.",
            volume.Id
        );
    }

    private static string? Compression(PlannedVolume volume) =>
        volume.FileSystem.Kind == FileSystemKind.Btrfs ? MountOptionText.Compression(volume.Mount?.Options ?? "") : null;

    /// <summary>The copy is compressed anew by the same option, and not every block as well as on the source.</summary>
    private static void RequireRoomForCompressed(PlannedVolume volume)
    {
        var minimum = MinimumSize(volume, volume.TargetSize);
        if (volume.TargetSize >= minimum)
            return;

        throw new P2VException(
            ErrorIds.VolumeTooSmall,
            $"{volume.Id} is compressed ({Compression(volume)}) and holds {ByteSize.Format(volume.UsedBytes)} of "
                + $"{ByteSize.Format(volume.SourceSize)} in that form; its copy would have "
                + $"{ByteSize.Format(volume.TargetSize)} and needs at least {ByteSize.Format(minimum)}, as not "
                + $"all of it may be compressed as well again.",
            $"Give it more: -VolumeSize "
                + $"@{{ "
                + $"'{volume.Id}' "
                + $"= {Math.Ceiling(minimum / (double)ByteSize.GiB).ToString(System.Globalization.CultureInfo.InvariantCulture)} }} "
                + $"(GB), or leave data out with -ExcludePath.",
            volume.Id
        );
    }

    private static P2VException SizedByOwner(PlannedVolume volume, PlannedVolume owner) =>
        new(
            ErrorIds.PlanNotPossible,
            $"-VolumeSize names {volume.Id}, which is a subvolume ({volume.Subvolume?.Path ?? "the top"}) of the btrfs "
                + $"of {owner.Id} and has no size of its own.",
            $"Size the whole file system with -VolumeSize @{{ '{owner.Id}' = … }}.",
            volume.Id
        );

    /// <summary>Inode tables and journal, as mke2fs makes them.</summary>
    private static long ExtOverhead(ExtParameters? parameters, long size)
    {
        var inodeSize = parameters?.InodeSizeBytes ?? 256;
        var bytesPerInode = parameters is { InodeCount: > 0, SourceSizeBytes: > 0 }
            ? Math.Max(1024, parameters.SourceSizeBytes.Value / parameters.InodeCount.Value)
            : 16384;
        var journal = size switch
        {
            < 128 * ByteSize.MiB => 4 * ByteSize.MiB,
            < ByteSize.GiB => 16 * ByteSize.MiB,
            < 2 * ByteSize.GiB => 32 * ByteSize.MiB,
            < 16 * ByteSize.GiB => 64 * ByteSize.MiB,
            < 32 * ByteSize.GiB => 128 * ByteSize.MiB,
            < 64 * ByteSize.GiB => 256 * ByteSize.MiB,
            _ => ByteSize.GiB,
        };
        return (size / bytesPerInode * inodeSize) + journal + (size / 1000);
    }

    private static P2VException NotFound(string name, IReadOnlyList<PlannedVolume> volumes, IReadOnlyList<SkippedVolume> skipped) =>
        skipped.FirstOrDefault(volume => volume.MountPoint == name) is { } left
            ? new P2VException(
                ErrorIds.PlanNotPossible,
                $"-VolumeSize names {name}, which is not copied: {left.Reason}.",
                "Take it out of -VolumeSize or out of -ExcludeVolume.",
                name
            )
            : new P2VException(
                ErrorIds.VolumeNotFound,
                $"-VolumeSize names {name}, which is no volume of the source. It has: "
                    + $"{string.Join(", ", volumes.Select(volume => volume.Id))}.",
                "Name the mount points as $source.Volumes lists them.",
                name
            );
}
