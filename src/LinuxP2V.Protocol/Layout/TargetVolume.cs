namespace LinuxP2V.Protocol.Layout;

/// <summary>A file system or swap area of the copy.</summary>
public sealed record TargetVolume
{
    /// <summary>The mount point for a file system, <c>swap:UUID</c> for swap: unique in a layout.</summary>
    public required string Id { get; init; }

    /// <summary>The partition, disk or logical volume that holds it.</summary>
    public required DeviceReference Device { get; init; }

    /// <summary>How the file system is made.</summary>
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
    public IReadOnlyList<string> ExcludedPaths
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>A subvolume of btrfs that is a volume of the copy.</summary>
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

/// <summary>The file systems that the agent can make.</summary>
public enum FileSystemKind
{
    /// <summary>ext2.</summary>
    Ext2,

    /// <summary>ext3.</summary>
    Ext3,

    /// <summary>ext4.</summary>
    Ext4,

    /// <summary>XFS.</summary>
    Xfs,

    /// <summary>btrfs.</summary>
    Btrfs,

    /// <summary>FAT, such as an EFI system partition.</summary>
    Vfat,

    /// <summary>A swap area, which has no files to copy.</summary>
    Swap,
}

/// <summary>
/// A file system as it was made on the source, so that the source's own kernel and boot loader can read the copy.
/// A value of null is the tool's default.
/// </summary>
public sealed record FileSystemSpec
{
    /// <summary>The kind that is made, the same as on the source.</summary>
    public required FileSystemKind Kind { get; init; }

    /// <summary>As blkid prints it; for FAT the volume serial as XXXX-XXXX.</summary>
    public string? Uuid { get; init; }

    /// <summary>As on the source; null: without a label.</summary>
    public string? Label { get; init; }

    /// <summary>Bytes of a block; for FAT, of a cluster.</summary>
    public long? BlockSizeBytes { get; init; }

    /// <summary>
    /// The source keeps the log or journal on another device. The copy has it inside: its blocks cannot be taken over as
    /// they are, and options that name the device must go.
    /// </summary>
    public bool HasExternalLog { get; init; }

    /// <summary>Set for ext2, ext3 and ext4, else null.</summary>
    public ExtParameters? Ext { get; init; }

    /// <summary>Set for XFS, else null.</summary>
    public XfsParameters? Xfs { get; init; }

    /// <summary>FAT's width: 12, 16 or 32.</summary>
    public int? FatBits { get; init; }

    /// <summary>btrfs features as <c>mkfs.btrfs -O</c> names them.</summary>
    public IReadOnlyList<string> BtrfsFeatures
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>From <c>dumpe2fs -h</c>.</summary>
public sealed record ExtParameters
{
    /// <summary>The whole feature list; a feature that is not listed is switched off.</summary>
    public required IReadOnlyList<string> Features
    {
        get;
        init => field = value ?? [];
    }

    /// <summary>Bytes of one inode.</summary>
    public int? InodeSizeBytes { get; init; }

    /// <summary>Total inodes on the source; scaled when the volume is resized.</summary>
    public long? InodeCount { get; init; }

    /// <summary>File-system size on the source, so that the inode count can be scaled.</summary>
    public long? SourceSizeBytes { get; init; }

    /// <summary>Blocks that only root may fill, in percent of all.</summary>
    public double? ReservedPercent { get; init; }

    /// <summary>Default mount options such as user_xattr, acl.</summary>
    public IReadOnlyList<string> DefaultMountOptions
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>From <c>xfs_info</c>; the names are mkfs.xfs's.</summary>
public sealed record XfsParameters
{
    /// <summary>Bytes of one inode: <c>-i size</c>.</summary>
    public int? InodeSizeBytes { get; init; }

    /// <summary>Checksums of metadata: <c>-m crc</c>.</summary>
    public bool? Crc { get; init; }

    /// <summary><c>-m finobt</c>.</summary>
    public bool? FreeInodeBtree { get; init; }

    /// <summary><c>-i sparse</c>.</summary>
    public bool? SparseInodes { get; init; }

    /// <summary><c>-m rmapbt</c>.</summary>
    public bool? ReverseMapBtree { get; init; }

    /// <summary>Files may share blocks: <c>-m reflink</c>.</summary>
    public bool? Reflink { get; init; }

    /// <summary>Times after 2038: <c>-m bigtime</c>.</summary>
    public bool? BigTime { get; init; }

    /// <summary><c>-m inobtcount</c>.</summary>
    public bool? InodeBtreeCount { get; init; }

    /// <summary><c>-i nrext64</c>.</summary>
    public bool? LargeExtentCounts { get; init; }

    /// <summary>Directories hold the types of their files: <c>-n ftype</c>.</summary>
    public bool? FileType { get; init; }

    /// <summary>Directory block size.</summary>
    public long? NamingBlockSizeBytes { get; init; }
}
