using System.Text.RegularExpressions;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Devices;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Reads a generated grub.cfg to tell whether it still holds; making it anew takes half a minute under emulation.</summary>
public static class GrubMenuText
{
    private static readonly Regex SearchPattern = new(
        @"^[ \t]*search(?:\.fs_uuid[ \t]+(?<uuid>[0-9A-Fa-f-]{9,36})|[^\n]*--fs-uuid[^\n]*?[ \t](?<uuid>[0-9A-Fa-f]{4,8}-[0-9A-Fa-f-]{4,27}))(?:[ \t][^\n]*)?$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex KernelLinePattern = new(
        @"^[ \t]*linux(?:16|efi)?[ \t]+(?<image>\S+)[ \t]+(?<words>[^\n]*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    /// <returns>Null when the menu may stay.</returns>
    public static string? WhyNot(string text, DeviceMap devices)
    {
        if (text.Trim().Length == 0)
        {
            return "the menu is empty";
        }

        foreach (var uuid in Uuids(text))
        {
            if (!devices.HasUuid(uuid))
            {
                return $"it looks for file system {uuid}, which the copy does not have";
            }
        }

        var hasOwnBoot = devices.VolumeAt("/boot") is not null;
        foreach (Match match in KernelLinePattern.Matches(text))
        {
            var image = match.Groups["image"].Value;
            if (
                image.StartsWith("/boot/", StringComparison.Ordinal) == hasOwnBoot
                && !image.StartsWith("/@", StringComparison.Ordinal)
                && !image.StartsWith("$", StringComparison.Ordinal)
            )
            {
                return hasOwnBoot ? "/boot is a volume of its own in the copy" : "/boot lies on the root volume in the copy";
            }

            if (CommandLineText.Transform(match.Groups["words"].Value, devices).Changes is [var change, ..])
            {
                return $"{change.Line} in it: {change.Why}";
            }
        }

        return null;
    }

    /// <summary>UUIDs that search commands look for.</summary>
    public static IEnumerable<string> Uuids(string text) =>
        SearchPattern.Matches(text).Cast<Match>().Select(match => match.Groups["uuid"].Value).Distinct(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<(string Image, string Words)> Kernels(string text) =>
        KernelLinePattern.Matches(text).Cast<Match>().Select(match => (match.Groups["image"].Value, match.Groups["words"].Value));
}
