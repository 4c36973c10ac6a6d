using System.Globalization;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Blocks;

/// <summary>Reads the free space of a file system out of what its own tools print.</summary>
internal static class FreeSpaceText
{
    /// <summary>Of the superblock, as xfs_db names them.</summary>
    public static readonly string[] XfsFacts = ["blocksize", "agblocks", "dblocks", "rblocks", "logstart"];

    /// <summary>From <c>dumpe2fs DEVICE</c>.</summary>
    /// <exception cref="InvalidDataException">It is none, or of a kind whose free space is not known by blocks alone.</exception>
    public static BlockMap Ext(TextReader text)
    {
        const string FreeBlocks = "  Free blocks: ";
        long? blockSize = null,
            count = null;
        var free = new List<ByteRange>();
        var groups = 0;
        string? uuid = null;
        while (text.ReadLine() is { } line)
        {
            if (line.StartsWith("Filesystem features:", StringComparison.Ordinal))
            {
                var features = line.Split(':', 2)[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (features.FirstOrDefault(feature => feature is "bigalloc" or "journal_dev" or "needs_recovery" or "mmp") is { } feature)
                    throw new InvalidDataException($"the file system has {feature}");
            }
            else if (
                line.StartsWith("Journal device:", StringComparison.Ordinal) || line.StartsWith("Journal UUID:", StringComparison.Ordinal)
            )
            {
                throw new InvalidDataException("its journal is on another device");
            }
            else if (line.StartsWith("Filesystem UUID:", StringComparison.Ordinal))
            {
                uuid = line.Split(':')[1].Trim().ToLowerInvariant();
            }
            else if (line.StartsWith("Block count:", StringComparison.Ordinal))
            {
                count = Number(line.Split(':')[1]);
            }
            else if (line.StartsWith("Block size:", StringComparison.Ordinal))
            {
                blockSize = Number(line.Split(':')[1]);
            }
            else if (line.StartsWith(FreeBlocks, StringComparison.Ordinal) && blockSize is { } size)
            {
                groups++;
                foreach (
                    var range in line[FreeBlocks.Length..]
                        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                )
                {
                    var ends = range.Split('-');
                    var (first, last) = (Number(ends[0]), Number(ends[^1]));
                    free.Add(new ByteRange(first * size, (last - first + 1) * size));
                }
            }
        }

        return blockSize is { } block && count is { } blocks && groups > 0
            ? BlockMap.FromFree(blocks * block, free) with
            {
                FileSystemUuid = uuid,
            }
            : throw new InvalidDataException("dumpe2fs printed no block groups");
    }

    /// <summary>From <c>xfs_db -r -c 'sb 0' -c 'p uuid blocksize agblocks dblocks rblocks logstart' -c 'freesp -d' DEVICE</c>.</summary>
    /// <exception cref="InvalidDataException">As for ext.</exception>
    public static BlockMap Xfs(TextReader text)
    {
        var facts = new Dictionary<string, long>();
        string? uuid = null;
        var extents = new List<(long Group, long Start, long Length)>();
        while (text.ReadLine() is { } line)
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields is ["uuid", "=", var id])
                uuid = id.ToLowerInvariant();
            else if (fields is [var name, "=", var value])
                facts[name] = Number(value);
            // The histogram behind the extents has five columns.
            else if (fields is [var group, var start, var length] && char.IsAsciiDigit(group[0]))
                extents.Add((Number(group), Number(start), Number(length)));
        }

        if (!XfsFacts.All(facts.ContainsKey))
            throw new InvalidDataException("xfs_db printed no superblock");
        if (facts["rblocks"] != 0)
            throw new InvalidDataException("the file system has a realtime part");
        if (facts["logstart"] == 0)
            throw new InvalidDataException("its log is on another device");

        var block = facts["blocksize"];
        return BlockMap.FromFree(
            facts["dblocks"] * block,
            extents.Select(extent => new ByteRange(((extent.Group * facts["agblocks"]) + extent.Start) * block, extent.Length * block))
        ) with
        {
            FileSystemUuid = uuid,
        };
    }

    private static long Number(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"{text.Trim()} is no number");
}
