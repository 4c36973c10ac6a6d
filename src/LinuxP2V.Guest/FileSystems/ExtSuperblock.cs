using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.FileSystems;

/// <summary>ext2, ext3 and ext4, by the names that mke2fs and dumpe2fs use.</summary>
internal static class ExtSuperblock
{
    private static readonly string?[] Compatible =
    [
        "dir_prealloc",
        "imagic_inodes",
        "has_journal",
        "ext_attr",
        "resize_inode",
        "dir_index",
        null,
        null,
        "snapshot_bitmap",
        "sparse_super2",
        "fast_commit",
        "stable_inodes",
        "orphan_file",
    ];

    /// <summary>Bit 2, needs_recovery, is left out: it is a state of the mounted file system and nothing to make one with.</summary>
    private static readonly string?[] Incompatible =
    [
        "compression",
        "filetype",
        null,
        "journal_dev",
        "meta_bg",
        null,
        "extent",
        "64bit",
        "mmp",
        "flex_bg",
        "ea_inode",
        null,
        "dirdata",
        "metadata_csum_seed",
        "large_dir",
        "inline_data",
        "encrypt",
        "casefold",
    ];

    /// <summary>Bit 16, orphan_present, is a state too.</summary>
    private static readonly string?[] ReadOnlyCompatible =
    [
        "sparse_super",
        "large_file",
        null,
        "huge_file",
        "uninit_bg",
        "dir_nlink",
        "extra_isize",
        null,
        "quota",
        "bigalloc",
        "metadata_csum",
        "replica",
        "read-only",
        "project",
        "shared_blocks",
        "verity",
    ];

    private static readonly string?[] MountOptions =
    [
        "debug",
        "bsdgroups",
        "user_xattr",
        "acl",
        "uid16",
        null,
        null,
        null,
        "nobarrier",
        "block_validity",
        "discard",
        "nodelalloc",
    ];

    /// <summary>What makes it an ext4: any of these features.</summary>
    private static readonly string[] OnlyExt4 =
    [
        "extent",
        "64bit",
        "flex_bg",
        "huge_file",
        "uninit_bg",
        "dir_nlink",
        "extra_isize",
        "metadata_csum",
        "bigalloc",
        "meta_bg",
        "mmp",
        "inline_data",
        "ea_inode",
        "encrypt",
        "casefold",
        "large_dir",
        "quota",
        "project",
    ];

    public static DeviceContent? Read(ByteReader device)
    {
        var block = device.At(1024);
        if (block.UInt16(0x38) != 0xEF53)
            return null;

        var features = Names(Compatible, block.UInt32(0x5C))
            .Concat(Names(Incompatible, block.UInt32(0x60)))
            .Concat(Names(ReadOnlyCompatible, block.UInt32(0x64)))
            .ToList();
        if (features.Contains("journal_dev"))
            return new DeviceContent("jbd", block.Uuid(0x68), block.Text(0x78, 16));

        var kind =
            features.Intersect(OnlyExt4).Any() ? FileSystemKind.Ext4
            : features.Contains("has_journal") ? FileSystemKind.Ext3
            : FileSystemKind.Ext2;
        var is64 = features.Contains("64bit");
        var blockSize = 1024L << (int)Math.Min(block.UInt32(0x18), 6);
        var blocks = block.UInt32(0x04) + (is64 ? (long)block.UInt32(0x150) << 32 : 0);
        var reserved = block.UInt32(0x08) + (is64 ? (long)block.UInt32(0x154) << 32 : 0);
        var uuid = block.Uuid(0x68);
        var label = block.Text(0x78, 16);
        var specification = new FileSystemSpec
        {
            Kind = kind,
            Uuid = uuid,
            Label = label,
            BlockSizeBytes = blockSize,
            // The journal's own UUID, and no inode for it.
            HasExternalLog = features.Contains("has_journal") && block.UInt32(0xE0) == 0 && block.Uuid(0xD0) is not null,
            Ext = new ExtParameters
            {
                Features = features,
                InodeSizeBytes = block.UInt32(0x4C) == 0 ? 128 : block.UInt16(0x58),
                InodeCount = block.UInt32(0x00),
                SourceSizeBytes = blocks * blockSize,
                ReservedPercent = blocks == 0 ? null : Math.Round(100.0 * reserved / blocks, 2),
                DefaultMountOptions = ReadMountOptions(block.UInt32(0x100)),
            },
        };
        return new DeviceContent(
            kind switch
            {
                FileSystemKind.Ext2 => "ext2",
                FileSystemKind.Ext3 => "ext3",
                _ => "ext4",
            },
            uuid,
            label,
            specification
        );
    }

    private static List<string> ReadMountOptions(uint bits)
    {
        var options = Names(MountOptions, bits).ToList();
        var journal = ((bits >> 5) & 3) switch
        {
            1 => "journal_data",
            2 => "journal_data_ordered",
            3 => "journal_data_writeback",
            _ => null,
        };
        if (journal is not null)
            options.Add(journal);

        return options;
    }

    private static IEnumerable<string> Names(string?[] names, uint bits) =>
        names.Where((name, bit) => name is not null && (bits & (1u << bit)) != 0).Select(name => name!);
}
