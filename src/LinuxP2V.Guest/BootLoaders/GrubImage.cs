using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>What a GRUB program for EFI looks for when it starts: its tool wrote the place of /boot into it.</summary>
internal static class GrubImage
{
    private static readonly Regex Prefix = new(
        @"\((?<device>(?:lvmid|mduuid|cryptouuid|lvm|md)/[^)\0\n]{1,120})\)/",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex Search = new(
        @"search\.fs_uuid (?<uuid>[0-9A-Fa-f-]{9,36}) (?:root|prefix|boot)",
        RegexOptions.CultureInvariant
    );

    /// <param name="program">The file, each byte as a Latin-1 character.</param>
    /// <returns>Null when it will find its menu, as far as can be told.</returns>
    public static string? WhyNot(string program, DeviceMap devices)
    {
        var search = Search.Match(program);
        if (search.Success && !devices.HasUuid(search.Groups["uuid"].Value))
            return $"it looks for file system {search.Groups["uuid"].Value}, which the copy does not have";

        var prefix = Prefix.Match(program);
        if (!prefix.Success)
            return null;

        // The copy's volume groups have other UUIDs; their names hold.
        var device = prefix.Groups["device"].Value;
        return
            device.StartsWith("lvm/", StringComparison.Ordinal)
            && devices.Resolve("/dev/mapper/" + device["lvm/".Length..]).State == DeviceState.Kept
            ? null
            : $"it looks for its menu on {device}, which the copy does not have";
    }
}
