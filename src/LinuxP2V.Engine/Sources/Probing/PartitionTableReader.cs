using System.Globalization;
using LinuxP2V.Guest.FileSystems;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Probing;

internal sealed record TableEntry(int Number, long StartBytes, long SizeBytes, string Type, string? Uuid, string? Name, bool IsActive);

internal sealed record PartitionTable(PartitionTableKind Kind, string? Identifier, IReadOnlyList<TableEntry> Entries)
{
    public static readonly PartitionTable None = new(PartitionTableKind.None, null, []);
}

/// <summary>Reads GPT and MBR from a disk's first bytes: source machines often lack sfdisk.</summary>
internal static class PartitionTableReader
{
    private const int FirstEntry = 446;
    private const byte Protective = 0xEE;

    /// <param name="head">The disk's beginning, up to the GPT entries.</param>
    /// <param name="sectorBytes">Logical sector size.</param>
    /// <param name="extendedLinks">Sector number to content: the chain of the extended partition, in its order.</param>
    public static PartitionTable Read(byte[] head, int sectorBytes, IReadOnlyList<KeyValuePair<long, byte[]>> extendedLinks)
    {
        var reader = new ByteReader(head);
        if (reader.UInt16(510) != 0xAA55 || !IsPlausible(reader))
            return PartitionTable.None;

        var types = Enumerable.Range(0, 4).Select(i => reader[FirstEntry + (i * 16) + 4]).ToList();
        if (types.Contains(Protective) && reader.At(sectorBytes).Is(0, "EFI PART"))
            return ReadGpt(reader, sectorBytes);

        return types.All(type => type == 0) ? PartitionTable.None : ReadMbr(reader, sectorBytes, extendedLinks);
    }

    /// <summary>A boot sector of a FAT or NTFS volume ends in the same signature as an MBR.</summary>
    private static bool IsPlausible(ByteReader reader)
    {
        if (reader.Is(54, "FAT1") || reader.Is(82, "FAT32") || reader.Is(3, "NTFS    ") || reader.Is(3, "EXFAT   "))
            return false;

        return Enumerable.Range(0, 4).All(i => reader[FirstEntry + (i * 16)] is 0 or 0x80);
    }

    private static PartitionTable ReadGpt(ByteReader reader, int sectorBytes)
    {
        var header = reader.At(sectorBytes);
        var first = header.UInt64(72) * (ulong)sectorBytes;
        var count = (int)Math.Min(header.UInt32(80), 1024);
        var size = (int)Math.Min(header.UInt32(84), 4096);
        var entries = new List<TableEntry>();
        for (var i = 0; i < count && size >= 128; i++)
        {
            var position = first + ((ulong)i * (ulong)size);
            if (position + (ulong)size > (ulong)reader.Length)
                break;

            var entry = reader.At((int)position);
            if (entry.MixedGuid(0) is not { } type)
                continue;

            var start = (long)entry.UInt64(32);
            var last = (long)entry.UInt64(40);
            entries.Add(
                new TableEntry(
                    i + 1,
                    start * sectorBytes,
                    (last - start + 1) * sectorBytes,
                    type,
                    entry.MixedGuid(16),
                    entry.Utf16(56, 72),
                    // Attribute 2: legacy BIOS bootable.
                    (entry.UInt64(48) & 4) != 0
                )
            );
        }

        return new PartitionTable(PartitionTableKind.Gpt, header.MixedGuid(56), entries);
    }

    private static PartitionTable ReadMbr(ByteReader reader, int sectorBytes, IReadOnlyList<KeyValuePair<long, byte[]>> extendedLinks)
    {
        var signature = reader.UInt32(440).ToString("x8", CultureInfo.InvariantCulture);
        var entries = new List<TableEntry>();
        for (var i = 0; i < 4; i++)
        {
            if (ReadMbrEntry(reader, i, i + 1, 0, sectorBytes, signature) is { } entry)
                entries.Add(entry);
        }

        var number = 5;
        foreach (var link in extendedLinks)
        {
            var sector = new ByteReader(link.Value);
            if (sector.UInt16(510) == 0xAA55 && ReadMbrEntry(sector, 0, number, link.Key, sectorBytes, signature) is { } entry)
                entries.Add(entry);

            // The kernel counts a link without a partition not at all.
            number = entries.Count > 0 && entries[entries.Count - 1].Number == number ? number + 1 : number;
        }

        return new PartitionTable(PartitionTableKind.Mbr, signature, entries);
    }

    private static TableEntry? ReadMbrEntry(ByteReader reader, int index, int number, long baseSector, int sectorBytes, string signature)
    {
        var entry = reader.At(FirstEntry + (index * 16));
        var type = entry[4];
        if (type == 0 || entry.UInt32(12) == 0)
            return null;

        return new TableEntry(
            number,
            (baseSector + entry.UInt32(8)) * sectorBytes,
            (long)entry.UInt32(12) * sectorBytes,
            type.ToString("x2", CultureInfo.InvariantCulture),
            signature == "00000000" ? null : $"{signature}-{number.ToString("x2", CultureInfo.InvariantCulture)}",
            null,
            entry[0] == 0x80
        );
    }
}
