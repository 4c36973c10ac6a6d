using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Guest.FileSystems;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>One device as sysfs shows it, with what was read of its contents.</summary>
internal sealed class BlockDeviceEntry(ProbeSection section, byte[]? head, byte[]? btrfs)
{
    public string Name => section.Argument;

    /// <summary>Major and minor number as mountinfo has them.</summary>
    public string? Number => section["dev"];

    /// <summary>sysfs counts in 512 bytes whatever the device's sectors are.</summary>
    public long SizeBytes => (section.Number("size") ?? 0) * 512;

    public long StartBytes => (section.Number("start") ?? 0) * 512;

    public int SectorBytes => (int)(section.Number("queue/logical_block_size") ?? section.Number("queue/hw_sector_size") ?? 512);

    /// <summary>The disk that it is a partition of. eMMC's boot areas lie below their disk, too, and are none.</summary>
    public string? Disk { get; } =
        section["disk"] is { } disk
        && section.Argument.StartsWith(disk, StringComparison.Ordinal)
        && Regex.IsMatch(section.Argument.Substring(disk.Length), "^p?[0-9]+$")
            ? disk
            : null;

    public IReadOnlyList<string> Slaves { get; } = [.. section.All("slave")];

    public IReadOnlyList<string> Holders { get; } = [.. section.All("holder")];

    public string? MapperName => section["dm/name"];

    public string MapperUuid => section["dm/uuid"] ?? "";

    public byte[]? Head => head;

    public string? Level => section["md/level"];

    public string? BackingFile => section["loop/backing_file"];

    public string? Model => ProbeText.NullIfEmpty(section["device/model"]);

    public bool IsUsb => (section["link"] ?? "").IndexOf("/usb", StringComparison.Ordinal) >= 0;

    public bool IsOptical => section.Number("device/type") == 5;

    public bool IsRemovable => section.Number("removable") == 1 || IsUsb || IsOptical;

    public string Path => MapperName is null ? $"/dev/{Name}" : $"/dev/mapper/{MapperName}";

    public BlockDeviceKind Kind =>
        Disk is not null || MapperUuid.StartsWith("part", StringComparison.Ordinal) ? BlockDeviceKind.Partition
        : Name.StartsWith("loop", StringComparison.Ordinal) ? BlockDeviceKind.Loop
        : Level is not null || MapperUuid.StartsWith("DMRAID-", StringComparison.Ordinal) ? BlockDeviceKind.Raid
        : MapperUuid.StartsWith("CRYPT-", StringComparison.Ordinal) ? BlockDeviceKind.Crypt
        : MapperUuid.StartsWith("mpath-", StringComparison.Ordinal) ? BlockDeviceKind.Multipath
        : MapperUuid.StartsWith("LVM-", StringComparison.Ordinal)
            ? IsWholeLogicalVolume ? BlockDeviceKind.LogicalVolume
                : BlockDeviceKind.Other
        : MapperName is not null || Name.StartsWith("zram", StringComparison.Ordinal) || IsOptical ? BlockDeviceKind.Other
        : IsHardwareArea || IsCache ? BlockDeviceKind.Other
        : BlockDeviceKind.Disk;

    /// <summary>A boot area of an eMMC, or one path to an NVMe disk of several: nothing that could be mounted.</summary>
    public bool IsHardwareArea => section.Number("hidden") == 1 || Regex.IsMatch(Name, @"^(mmcblk\d+(boot\d+|rpmb)|nvme\d+c\d+n\d+)$");

    /// <summary>bcache: a device and another that caches for it.</summary>
    public bool IsCache => Regex.IsMatch(Name, @"^bcache\d+$");

    /// <summary>The device below a bcache that holds its data.</summary>
    public bool IsCacheBacking => section["bcache"] == "backing";

    public bool IsReplica => Regex.IsMatch(Name, @"^drbd\d+$");

    /// <summary>The partition's number.</summary>
    public int Ordinal =>
        (int)(
            section.Number("partition")
            ?? ProbeText.Number(
                Disk is null
                    ? MapperUuid.Substring(4, Math.Max(0, MapperUuid.IndexOf('-') - 4))
                    : Name.Substring(Disk.Length).TrimStart('p')
            )
            ?? 0
        );

    public DeviceContent? Content { get; } = ContentReader.Read(head, btrfs);

    /// <summary>An entry of udev's data base, where the machine has one.</summary>
    public string? Udev(string name) => ProbeText.NullIfEmpty(section["E:ID_" + name]);

    /// <summary>LVM's hidden devices bear a suffix behind the UUIDs of group and volume: -tpool, -real, -cow.</summary>
    private bool IsWholeLogicalVolume => MapperUuid.Length == 68;
}
