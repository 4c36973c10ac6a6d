using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.FileSystems;

internal static class XfsSuperblock
{
    public static DeviceContent? Read(ByteReader block)
    {
        if (!block.Is(0, "XFSB"))
            return null;

        var blockSize = block.UInt32Big(4);
        var version = block.UInt16Big(100) & 0xF;
        var hasMoreBits = (block.UInt16Big(100) & 0x8000) != 0;
        // Only version 5 has feature words; an older one has none of what they name, save for file types in directories.
        var readOnly = version == 5 ? block.UInt32Big(212) : 0;
        var incompatible = version == 5 ? block.UInt32Big(216) : 0;
        var uuid = block.Uuid(32);
        var label = block.Text(108, 12);
        return new DeviceContent(
            "xfs",
            uuid,
            label,
            new FileSystemSpec
            {
                Kind = FileSystemKind.Xfs,
                Uuid = uuid,
                Label = label,
                BlockSizeBytes = blockSize,
                // The log begins at no block of the file system's own.
                HasExternalLog = block.UInt32Big(48) == 0 && block.UInt32Big(52) == 0,
                Xfs = new XfsParameters
                {
                    InodeSizeBytes = block.UInt16Big(104),
                    Crc = version == 5,
                    FreeInodeBtree = (readOnly & 1) != 0,
                    ReverseMapBtree = (readOnly & 2) != 0,
                    Reflink = (readOnly & 4) != 0,
                    InodeBtreeCount = (readOnly & 8) != 0,
                    FileType = version == 5 ? (incompatible & 1) != 0 : hasMoreBits && (block.UInt32Big(200) & 0x200) != 0,
                    SparseInodes = (incompatible & 2) != 0,
                    BigTime = (incompatible & 8) != 0,
                    LargeExtentCounts = (incompatible & 0x20) != 0,
                    NamingBlockSizeBytes = (long)blockSize << block[192],
                },
            }
        );
    }
}
