namespace LinuxP2V.Protocol.Layout;

/// <summary>A file system or swap area of the copy.</summary>
public sealed record TargetVolume
{
    /// <summary>The mount point for a file system, <c>swap:UUID</c> for swap: unique in a layout.</summary>
    public required string Id { get; init; }

    public required DeviceReference Device { get; init; }

    public required FileSystemSpec FileSystem { get; init; }

    /// <summary>Null for swap.</summary>
    public string? MountPoint { get; init; }

    /// <summary>
    /// As the source's fstab has them; kept for the report, the helper mounts with its own. Of btrfs it takes subvol= and
    /// compress=, which name what the source has mounted, whether its fstab says so or not.
    /// </summary>
    public string? MountOptions { get; init; }

    /// <summary>
    /// btrfs: the subvolume that this volume is; null for the top of the file system. Volumes of one
    /// <see cref="Device"/> are subvolumes of one file system: it is made once, as the first of them says.
    /// </summary>
    public TargetSubvolume? Subvolume { get; init; }

    /// <summary>The source's device node, such as /dev/sda1 or /dev/mapper/vg-root: what configuration files may name.</summary>
    public required string SourceDevice { get; init; }

    /// <summary>Used on the source when it was read: the first total for progress.</summary>
    public long UsedBytes { get; init; }

    /// <summary>Inodes in use on the source; 0 when the file system does not tell.</summary>
    public long UsedInodes { get; init; }

    /// <summary>Absolute source paths that are left out, contents and all.</summary>
    public IReadOnlyList<string> ExcludedPaths { get; init; } = [];
}

/// <param name="Path">Below the top of the file system, without a slash before it: @, @/home.</param>
public sealed record TargetSubvolume(string Path)
{
    /// <summary>It is mounted when a mount names no subvolume: set with <c>btrfs subvolume set-default</c>.</summary>
    public bool IsDefault { get; init; }

    /// <summary>
    /// The source has no mount of its own for it: it is seen as a folder of the subvolume above. Only
    /// <see cref="TargetVolume.MountPoint"/> tells where.
    /// </summary>
    public bool IsNested { get; init; }
}

public enum FileSystemKind
{
    Ext2,
    Ext3,
    Ext4,
    Xfs,
    Btrfs,
    Vfat,
    Swap,
}

/// <summary>
/// A file system as it was made on the source, so that the source's own kernel and boot loader can read the copy.
/// A value of null is the tool's default.
/// </summary>
public sealed record FileSystemSpec
{
    public required FileSystemKind Kind { get; init; }

    /// <summary>As blkid prints it; for FAT the volume serial as XXXX-XXXX.</summary>
    public string? Uuid { get; init; }

    public string? Label { get; init; }

    public long? BlockSizeBytes { get; init; }

    /// <summary>
    /// The source keeps the log or journal on another device. The copy has it inside: its blocks cannot be taken over as
    /// they are, and options that name the device must go.
    /// </summary>
    public bool HasExternalLog { get; init; }

    public ExtParameters? Ext { get; init; }

    public XfsParameters? Xfs { get; init; }

    /// <summary>FAT's width: 12, 16 or 32.</summary>
    public int? FatBits { get; init; }

    /// <summary>btrfs features as <c>mkfs.btrfs -O</c> names them.</summary>
    public IReadOnlyList<string> BtrfsFeatures { get; init; } = [];
}

/// <summary>From <c>dumpe2fs -h</c>.</summary>
public sealed record ExtParameters
{
    /// <summary>The whole feature list; a feature that is not listed is switched off.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    public int? InodeSizeBytes { get; init; }

    /// <summary>Total inodes on the source; scaled when the volume is resized.</summary>
    public long? InodeCount { get; init; }

    /// <summary>File-system size on the source, so that the inode count can be scaled.</summary>
    public long? SourceSizeBytes { get; init; }

    public double? ReservedPercent { get; init; }

    /// <summary>Default mount options such as user_xattr, acl.</summary>
    public IReadOnlyList<string> DefaultMountOptions { get; init; } = [];
}

/// <summary>From <c>xfs_info</c>; the names are mkfs.xfs's.</summary>
public sealed record XfsParameters
{
    public int? InodeSizeBytes { get; init; }

    public bool? Crc { get; init; }

    public bool? FreeInodeBtree { get; init; }

    public bool? SparseInodes { get; init; }

    public bool? ReverseMapBtree { get; init; }

    public bool? Reflink { get; init; }

    public bool? BigTime { get; init; }

    public bool? InodeBtreeCount { get; init; }

    public bool? LargeExtentCounts { get; init; }

    public bool? FileType { get; init; }

    /// <summary>Directory block size.</summary>
    public long? NamingBlockSizeBytes { get; init; }
}
