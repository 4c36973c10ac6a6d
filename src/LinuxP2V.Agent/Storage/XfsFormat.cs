using System.Globalization;

namespace LinuxP2V.Agent.Storage;

/// <summary>XFS with the source's on-disk features: a kernel of 2014 cannot mount what today's mkfs.xfs makes by itself.</summary>
internal static class XfsFormat
{
    /// <summary>Below this mkfs.xfs asks for an extra word.</summary>
    private const long SmallestSupportedBytes = 300L << 20;

    /// <param name="knowsLargeExtents">Whether the helper's mkfs.xfs knows nrext64 (5.19 and later).</param>
    public static FormatCommand Build(FormatJob job, bool knowsLargeExtents)
    {
        var spec = job.Spec;
        var xfs = spec.Xfs;
        var meta = new List<string>();
        var inode = new List<string>();
        var naming = new List<string>();
        if (xfs is not null)
        {
            var crc = xfs.Crc ?? true;
            meta.Add(Flag("crc", crc));
            AddFlag(meta, "finobt", xfs.FreeInodeBtree, crc);
            // An xfs_info that does not name one of these is older than the feature: its kernel cannot read it either.
            AddFlag(meta, "rmapbt", xfs.ReverseMapBtree ?? false, crc);
            AddFlag(meta, "reflink", xfs.Reflink ?? false, crc);
            AddFlag(meta, "bigtime", xfs.BigTime ?? false, crc);
            AddFlag(meta, "inobtcount", xfs.InodeBtreeCount ?? false, crc);
            AddFlag(inode, "sparse", xfs.SparseInodes ?? false, crc);
            if (knowsLargeExtents)
            {
                AddFlag(inode, "nrext64", xfs.LargeExtentCounts ?? false, crc);
            }

            if (xfs.InodeSizeBytes is { } inodeSize)
            {
                inode.Add(string.Create(CultureInfo.InvariantCulture, $"size={inodeSize}"));
            }

            if (xfs.NamingBlockSizeBytes is { } namingSize)
            {
                naming.Add(string.Create(CultureInfo.InvariantCulture, $"size={namingSize}"));
            }

            // With checksums the file type is always there, and mkfs refuses to be told otherwise.
            if (!crc && xfs.FileType is { } fileType)
            {
                naming.Add(Flag("ftype", fileType));
            }
        }

        if (spec.Uuid is not null)
        {
            meta.Add($"uuid={spec.Uuid}");
        }

        var arguments = new List<string> { "-q", "-f" };
        if (job.SizeBytes < SmallestSupportedBytes && knowsLargeExtents)
        {
            arguments.Add("--unsupported");
        }

        Add("-m", meta);
        Add("-i", inode);
        Add("-n", naming);
        if (spec.BlockSizeBytes is { } block)
        {
            arguments.AddRange(["-b", string.Create(CultureInfo.InvariantCulture, $"size={block}")]);
        }

        if (spec.Label is { Length: > 0 } label)
        {
            arguments.AddRange(["-L", label]);
        }

        return new FormatCommand("mkfs.xfs", [.. arguments, job.Device]) { Expected = xfs is null ? null : FileSystemFeatures.Of(spec) };

        void Add(string option, List<string> values)
        {
            if (values.Count > 0)
            {
                arguments.AddRange([option, string.Join(',', values)]);
            }
        }
    }

    /// <summary>From <c>mkfs.xfs -V</c>: "mkfs.xfs version 6.1.0".</summary>
    public static bool KnowsLargeExtents(string versionLine)
    {
        var text = versionLine.Trim().Split(' ')[^1];
        return Version.TryParse(text.Split('-')[0], out var version) && version >= new Version(5, 19);
    }

    /// <summary>Without checksums these features do not exist: named, they must be off.</summary>
    private static void AddFlag(List<string> values, string name, bool? value, bool crc)
    {
        if (!crc || value is not null)
        {
            values.Add(Flag(name, crc && value == true));
        }
    }

    private static string Flag(string name, bool on) => $"{name}={(on ? 1 : 0)}";
}
