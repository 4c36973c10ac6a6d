using LinuxP2V.Guest.FileSystems;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>Which features a file system has, by the names that its mkfs uses.</summary>
internal static class FileSystemFeatures
{
    private const int HeadBytes = 12 << 10;
    private const int BtrfsOffset = 64 << 10;
    private const int BtrfsBytes = 4 << 10;

    /// <summary>Reads the superblock of what was made.</summary>
    /// <returns>null where there is none that is known.</returns>
    public static IReadOnlyList<string>? Read(string device)
    {
        using var file = File.OpenHandle(device);
        return ContentReader.Read(Read(file, 0, HeadBytes), Read(file, BtrfsOffset, BtrfsBytes))?.Specification is { } spec
            ? Of(spec)
            : null;
    }

    /// <summary>Of a file system as it is described.</summary>
    public static IReadOnlyList<string> Of(FileSystemSpec spec) =>
        spec.Ext is { } ext ? ext.Features
        : spec.Xfs is { } xfs ? Of(xfs)
        : spec.BtrfsFeatures;

    private static string[] Of(XfsParameters xfs)
    {
        var crc = xfs.Crc ?? true;
        (string Name, bool? Has)[] features =
        [
            ("crc", crc),
            ("finobt", crc && xfs.FreeInodeBtree == true),
            ("rmapbt", crc && xfs.ReverseMapBtree == true),
            ("reflink", crc && xfs.Reflink == true),
            ("bigtime", crc && xfs.BigTime == true),
            ("inobtcount", crc && xfs.InodeBtreeCount == true),
            ("sparse", crc && xfs.SparseInodes == true),
            ("nrext64", crc && xfs.LargeExtentCounts == true),
        ];
        return [.. features.Where(feature => feature.Has == true).Select(feature => feature.Name)];
    }

    private static byte[] Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, int length)
    {
        var bytes = new byte[length];
        return bytes[..RandomAccess.Read(file, bytes, offset)];
    }
}
