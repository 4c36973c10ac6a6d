using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>xfs_info's text, which needs no root: for a superblock that the probe was not allowed to read.</summary>
internal static class XfsInfo
{
    public static FileSystemSpec Read(IReadOnlyList<string> lines, FileSystemSpec known)
    {
        // Each line may go on with what belongs to the heading of an earlier one, so bsize alone is ambiguous.
        var text = string.Join("\n", lines);
        if (text.IndexOf("isize=", StringComparison.Ordinal) < 0)
            return known;

        return known with
        {
            BlockSizeBytes = Number(text, @"^data\b.*?\bbsize=(\d+)"),
            Xfs = new XfsParameters
            {
                InodeSizeBytes = (int?)Number(text, @"\bisize=(\d+)"),
                // A version that does not name a feature cannot have made a file system with it.
                Crc = Flag(text, "crc"),
                FreeInodeBtree = Flag(text, "finobt"),
                SparseInodes = Flag(text, "spinodes") || Flag(text, "sparse"),
                ReverseMapBtree = Flag(text, "rmapbt"),
                Reflink = Flag(text, "reflink"),
                BigTime = Flag(text, "bigtime"),
                InodeBtreeCount = Flag(text, "inobtcount"),
                LargeExtentCounts = Flag(text, "nrext64"),
                FileType = Flag(text, "ftype"),
                NamingBlockSizeBytes = Number(text, @"^naming\b.*?\bbsize=(\d+)"),
            },
        };
    }

    private static bool Flag(string text, string name) => Number(text, $@"\b{name}=(\d+)") == 1;

    private static long? Number(string text, string pattern) =>
        Regex.Match(text, pattern, RegexOptions.Multiline) is { Success: true } match ? ProbeText.Number(match.Groups[1].Value) : null;
}
