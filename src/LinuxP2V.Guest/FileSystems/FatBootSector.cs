using System.Globalization;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.FileSystems;

internal static class FatBootSector
{
    public static DeviceContent? Read(ByteReader sector)
    {
        var sectorBytes = sector.UInt16(11);
        var clusterSectors = sector[13];
        if (
            sector.UInt16(510) != 0xAA55
            || sectorBytes is not (512 or 1024 or 2048 or 4096)
            || clusterSectors == 0
            || sector[16] is not (1 or 2)
        )
            return null;

        // The name of the type is there for people; only the number of clusters decides, but both must fit a FAT.
        var isFat32 = sector.UInt16(22) == 0;
        if (!(isFat32 ? sector.Is(82, "FAT") : sector.Is(54, "FAT")))
            return null;

        var total = sector.UInt16(19) is > 0 and var small ? small : (long)sector.UInt32(32);
        var fatSectors = isFat32 ? sector.UInt32(36) : sector.UInt16(22);
        var rootSectors = ((sector.UInt16(17) * 32) + sectorBytes - 1) / sectorBytes;
        var clusters = (total - sector.UInt16(14) - (sector[16] * (long)fatSectors) - rootSectors) / clusterSectors;
        var bits =
            isFat32 ? 32
            : clusters < 4085 ? 12
            : 16;
        var extended = isFat32 ? 66 : 38;
        var serial = sector.UInt32(extended + 1);
        var label = sector[extended] == 0x29 ? sector.Text(extended + 5, 11)?.TrimEnd() : null;
        label = label is null or "NO NAME" ? null : label;
        var uuid = serial == 0 ? null : string.Format(CultureInfo.InvariantCulture, "{0:X4}-{1:X4}", serial >> 16, serial & 0xFFFF);
        return new DeviceContent(
            "vfat",
            uuid,
            label,
            new FileSystemSpec
            {
                Kind = FileSystemKind.Vfat,
                Uuid = uuid,
                Label = label,
                FatBits = bits,
            }
        );
    }
}
