using System.Globalization;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>ext2, 3, 4: all features off, then those of the source on, so that its kernel and GRUB can read the copy.</summary>
internal static class ExtFormat
{
    /// <summary>What mke2fs 1.47 takes after -O. Anything else that dumpe2fs lists is either set at run time or unknown to it.</summary>
    private static readonly HashSet<string> Settable =
    [
        "has_journal",
        "ext_attr",
        "resize_inode",
        "dir_index",
        "sparse_super",
        "sparse_super2",
        "filetype",
        "extent",
        "64bit",
        "flex_bg",
        "inline_data",
        "large_file",
        "huge_file",
        "uninit_bg",
        "dir_nlink",
        "extra_isize",
        "quota",
        "project",
        "bigalloc",
        "metadata_csum",
        "metadata_csum_seed",
        "ea_inode",
        "encrypt",
        "casefold",
        "verity",
        "mmp",
        "meta_bg",
        "large_dir",
        "fast_commit",
        "orphan_file",
        "stable_inodes",
    ];

    /// <summary>Set while the source ran, and nothing that a new file system should have.</summary>
    private static readonly HashSet<string> RunTime =
    [
        "needs_recovery",
        "orphan_present",
        "read-only",
        "test_filesystem",
        "shared_blocks",
        "has_snapshot",
        "exclude_bitmap",
        "lazy_bg",
        "imagic_inodes",
    ];

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["extents"] = "extent",
        ["uninit_groups"] = "uninit_bg",
        ["gdt_csum"] = "uninit_bg",
    };

    private static readonly string[] DefaultOptions = ["user_xattr", "acl"];

    public static FormatCommand Build(FormatJob job)
    {
        var spec = job.Spec;
        var arguments = new List<string> { "-q", "-F", "-t", TypeOf(spec.Kind) };
        Add("-U", spec.Uuid);
        Add("-L", spec.Label);
        Add("-b", Text(spec.BlockSizeBytes));
        if (spec.Ext is not { } ext)
        {
            return new FormatCommand("mke2fs", [.. arguments, job.Device]);
        }

        var (features, unknown) = Features(ext, job);
        arguments.AddRange(["-O", string.Join(',', features.Prepend("none"))]);
        if (features.Contains("uninit_bg") || features.Contains("metadata_csum"))
        {
            // The kernel fills the inode tables in later, which only these features allow.
            arguments.AddRange(["-E", "lazy_itable_init=1,lazy_journal_init=1"]);
        }

        Add("-I", Text(ext.InodeSizeBytes));
        Add("-N", Text(InodeCount(ext, job)));
        Add("-m", ext.ReservedPercent?.ToString("0.####", CultureInfo.InvariantCulture));
        return new FormatCommand("mke2fs", [.. arguments, job.Device])
        {
            Expected = [.. features, .. unknown],
            Then = MountOptions(ext, job.Device),
        };

        void Add(string option, string? value)
        {
            if (value is { Length: > 0 })
            {
                arguments.AddRange([option, value]);
            }
        }
    }

    /// <returns>Those to ask for, and those of the source that mke2fs is not asked for.</returns>
    private static (List<string> Features, List<string> Unknown) Features(ExtParameters ext, FormatJob job)
    {
        var listed = ext.Features.Select(name => Aliases.GetValueOrDefault(name, name)).Distinct().ToList();
        var unknown = listed.Where(name => !Settable.Contains(name) && !RunTime.Contains(name)).ToList();
        var features = listed.Where(Settable.Contains).ToList();

        // Group descriptors have one checksum: the newer feature replaces the older.
        Drop("uninit_bg", features.Contains("metadata_csum"));
        Drop("metadata_csum_seed", !features.Contains("metadata_csum"));
        // mke2fs refuses room for growth together with meta_bg, with sparse_super2 it would be wasted.
        Drop("resize_inode", features.Contains("meta_bg"));
        // The kernel set it as the first file passed 2 GiB; on 64-bit block numbers mke2fs needs extents.
        Drop("64bit", !features.Contains("extent") && job.SizeBytes < 16L << 40);
        Drop("orphan_file", !features.Contains("has_journal"));
        Drop("fast_commit", !features.Contains("has_journal"));
        return (features, unknown);

        void Drop(string name, bool condition)
        {
            if (condition)
            {
                features.Remove(name);
            }
        }
    }

    private static long? InodeCount(ExtParameters ext, FormatJob job)
    {
        if (ext.InodeCount is not { } count)
        {
            return null;
        }

        if (ext.SourceSizeBytes is > 0 and var sourceSize && Math.Abs(job.SizeBytes - sourceSize) > sourceSize / 100)
        {
            count = (long)(count * ((double)job.SizeBytes / sourceSize));
        }

        // A shrunken volume still has to hold every file, and some more.
        count = Math.Max(count, job.Volume.UsedInodes + (job.Volume.UsedInodes / 5) + 16);
        return Math.Min(count, uint.MaxValue);
    }

    private static FormatCommand? MountOptions(ExtParameters ext, string device)
    {
        var wanted = ext.DefaultMountOptions.Where(option => option.Length > 0 && option[0] != '(').ToList();
        var unwanted = DefaultOptions.Except(wanted).Select(option => "^" + option);
        var options = string.Join(',', wanted.Concat(unwanted));
        return options.Length == 0 ? null : new FormatCommand("tune2fs", ["-o", options, device]);
    }

    private static string TypeOf(FileSystemKind kind) =>
        kind switch
        {
            FileSystemKind.Ext2 => "ext2",
            FileSystemKind.Ext3 => "ext3",
            _ => "ext4",
        };

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
