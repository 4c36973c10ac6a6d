using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Devices;

/// <summary>The ways in which configuration files name block devices.</summary>
public static class DeviceNames
{
    private static readonly string[] Tags = ["UUID", "LABEL", "PARTUUID", "PARTLABEL", "ID"];

    private static readonly (string Folder, string Tag)[] LinkFolders =
    [
        ("/dev/disk/by-uuid/", "UUID"),
        ("/dev/disk/by-label/", "LABEL"),
        ("/dev/disk/by-partuuid/", "PARTUUID"),
        ("/dev/disk/by-partlabel/", "PARTLABEL"),
    ];

    /// <summary>Folders below /dev that the kernel or udev fill; any other is a volume group.</summary>
    private static readonly string[] DeviceFolders =
    [
        "mapper",
        "disk",
        "md",
        "cciss",
        "ida",
        "rd",
        "mmcblk",
        "block",
        "drbd",
        "zvol",
        "loop",
        "shm",
        "pts",
        "i2o",
        "etherd",
        "nbd",
    ];

    private static readonly Regex UdevEscape = new(@"\\x(?<code>[0-9a-fA-F]{2})", RegexOptions.CultureInvariant);

    private static readonly Regex Partition = new(
        @"^/dev/(?:(?:[hsv]d|xvd)[a-z]+|(?:nvme\d+n|mmcblk|md|md_d|loop|nbd|cciss/c\d+d|ida/c\d+d|rd/c\d+d)\d+p|mapper/mpath[a-z]+p?|.+-part)(?<number>\d{1,8})$",
        RegexOptions.CultureInvariant
    );

    /// <summary>Of the kernel's own making, whatever disks a machine has.</summary>
    private static readonly Regex OfMemory = new(
        @"^/dev/(?:zram\d*|ram\d*|shm|hugepages|mqueue|pts)(?:/|$)",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex TrailingNumber = new(@"\d+$", RegexOptions.CultureInvariant);

    /// <summary>
    /// A tag such as UUID=, or a path below /dev; not a file, a network share, a name such as tmpfs, or a device in memory.
    /// </summary>
    public static bool IsDevice(string spec) =>
        (spec.StartsWith("/dev/", StringComparison.Ordinal) && !OfMemory.IsMatch(spec)) || Tag(spec) is not null;

    /// <summary>A name by a disk's serial number or by where it is plugged in, which no disk of a VM answers to.</summary>
    public static bool IsHardwareName(string spec) =>
        spec.StartsWith("/dev/disk/by-id/", StringComparison.Ordinal) || spec.StartsWith("/dev/disk/by-path/", StringComparison.Ordinal);

    /// <summary>UUID=… and /dev/disk/by-uuid/… alike, and so for the other tags. Quotes around the value are allowed.</summary>
    /// <returns>Null for a name that is no tag.</returns>
    public static (string Name, string Value)? Tag(string spec)
    {
        foreach (var (folder, tag) in LinkFolders)
        {
            if (spec.StartsWith(folder, StringComparison.Ordinal))
                return (tag, Encodings.ToName(Unescape(spec[folder.Length..])));
        }

        var split = spec.IndexOf('=');
        return split > 0 && Tags.Contains(spec[..split]) ? (spec[..split], Encodings.ToName(spec[(split + 1)..].Trim('"', '\''))) : null;
    }

    /// <summary>/dev/vg/lv is /dev/mapper/vg-lv; every other path stays.</summary>
    public static string Canonical(string path) =>
        path.Split('/') is ["", "dev", var group, var volume] && !DeviceFolders.Contains(group)
            ? LayoutQueries.MapperPath(group, volume)
            : path;

    /// <summary>The number at the end of a partition's name: 3 of sda3, nvme0n1p3 and mpatha-part3; null where there is none.</summary>
    public static int? PartitionNumber(string path) =>
        TrailingNumber.Match(path) is { Success: true, Length: < 9 } match ? int.Parse(match.Value, CultureInfo.InvariantCulture) : null;

    /// <summary>
    /// The number of a partition by its name: 3 of sda3, nvme0n1p3 and mpatha-part3; null for md0, mapper/crypt3 and the
    /// like.
    /// </summary>
    public static int? PartitionNumberOf(string device) =>
        Partition.Match(device) is { Success: true } match ? int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) : null;

    /// <summary>udev writes blanks and slashes of a label as \x20 and \x2f.</summary>
    private static string Unescape(string name) =>
        UdevEscape.Replace(
            name,
            match => ((char)int.Parse(match.Groups["code"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()
        );
}
