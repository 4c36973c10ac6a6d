using System.Globalization;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.FileSystems;

/// <summary>Tells from a device's first bytes what is on it, so that no tool of the source is needed for it.</summary>
public static class ContentReader
{
    /// <param name="head">From the start, 8 KiB or more.</param>
    /// <param name="btrfs">4 KiB from offset 64 KiB, where it was read.</param>
    public static DeviceContent? Read(byte[]? head, byte[]? btrfs)
    {
        var reader = new ByteReader(head ?? []);
        return ReadContainer(reader)
            ?? XfsSuperblock.Read(reader)
            ?? ExtSuperblock.Read(reader)
            ?? ReadSwap(reader)
            ?? (btrfs is null ? null : ReadBtrfs(new ByteReader(btrfs)))
            ?? FatBootSector.Read(reader)
            ?? ReadOther(reader);
    }

    private static DeviceContent? ReadContainer(ByteReader reader)
    {
        if (reader.Is(0, "LUKS") && reader[4] == 0xBA && reader[5] == 0xBE)
        {
            var version = reader.UInt16Big(6);
            return new DeviceContent(
                "crypto_LUKS",
                reader.Text(168, 40),
                version == 2 ? reader.Text(24, 48) : null,
                Detail: $"LUKS{version}"
            );
        }

        for (var sector = 0; sector < 4; sector++)
        {
            var label = reader.At(sector * 512);
            if (label.Is(0, "LABELONE") && label.Is(24, "LVM2 001"))
                return new DeviceContent("LVM2_member", LvmUuid(label.Text(32, 32)), null);
        }

        foreach (var offset in new[] { 0, 4096 })
        {
            var raid = reader.At(offset);
            if (raid.UInt32(0) == 0xA92B4EFC && raid.UInt32(4) == 1)
                return new DeviceContent("linux_raid_member", raid.Uuid(16), raid.Text(32, 32));
        }

        return null;
    }

    private static DeviceContent? ReadSwap(ByteReader reader)
    {
        // The signature ends the first page, whose size is the machine's: 4 KiB on all that are supported.
        if (!reader.Is(4086, "SWAPSPACE2"))
            return null;

        var uuid = reader.Uuid(1036);
        var label = reader.Text(1052, 16);
        return new DeviceContent(
            "swap",
            uuid,
            label,
            new FileSystemSpec
            {
                Kind = FileSystemKind.Swap,
                Uuid = uuid,
                Label = label,
            }
        );
    }

    private static DeviceContent? ReadBtrfs(ByteReader reader)
    {
        if (!reader.Is(0x40, "_BHRfS_M"))
            return null;

        var incompatible = reader.UInt64(0xBC);
        var readOnlyCompatible = reader.UInt64(0xB4);
        (ulong Bit, string Name)[] known =
        [
            (1 << 2, "mixed-bg"),
            (1 << 6, "extref"),
            (1 << 7, "raid56"),
            (1 << 8, "skinny-metadata"),
            (1 << 9, "no-holes"),
            (1 << 12, "zoned"),
        ];
        (ulong Bit, string Name)[] knownReadOnly = [(1, "free-space-tree"), (1 << 3, "block-group-tree")];
        string[] features =
        [
            .. known.Where(feature => (incompatible & feature.Bit) != 0).Select(feature => feature.Name),
            .. knownReadOnly.Where(feature => (readOnlyCompatible & feature.Bit) != 0).Select(feature => feature.Name),
        ];
        var uuid = reader.Uuid(0x20);
        var label = reader.Text(0x12B, 256);
        var devices = reader.UInt64(0x88);
        return new DeviceContent(
            "btrfs",
            uuid,
            label,
            new FileSystemSpec
            {
                Kind = FileSystemKind.Btrfs,
                Uuid = uuid,
                Label = label,
                BlockSizeBytes = reader.UInt32(0x90),
                BtrfsFeatures = features,
            },
            devices > 1 ? devices.ToString(CultureInfo.InvariantCulture) + " devices" : null
        );
    }

    private static DeviceContent? ReadOther(ByteReader reader)
    {
        if (reader.Is(3, "NTFS    "))
            return new DeviceContent("ntfs", null, null);
        if (reader.Is(3, "EXFAT   "))
            return new DeviceContent("exfat", null, null);
        if (reader.Is(32, "ORCLDISK"))
            return new DeviceContent("oracleasm", null, reader.Text(40, 24));
        if (reader.Is(0, "dmvdo001"))
            return new DeviceContent("vdo", null, null);
        // Offset 24 of the superblock in the ninth sector.
        if (reader.Uuid(4096 + 24) == "c68573f6-4e1a-45ca-8265-f57f48ba6d81")
            return new DeviceContent("bcache", reader.Uuid(4096 + 40), null);
        if (reader.Is(0, "hsqs"))
            return new DeviceContent("squashfs", null, null);
        return reader.UInt32(1024) == 0xF2F52010 ? new DeviceContent("f2fs", reader.Uuid(1024 + 108), null) : null;
    }

    private static string? LvmUuid(string? raw) =>
        raw is not { Length: 32 }
            ? null
            : string.Join(
                "-",
                raw.Substring(0, 6),
                raw.Substring(6, 4),
                raw.Substring(10, 4),
                raw.Substring(14, 4),
                raw.Substring(18, 4),
                raw.Substring(22, 4),
                raw.Substring(26, 6)
            );
}
