using System.Text.RegularExpressions;
using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.BootLoader;

/// <summary>Reads a generated grub.cfg to tell whether it still holds; making it anew takes half a minute under emulation.</summary>
internal static partial class GrubMenuText
{
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
        foreach (Match match in KernelLine().Matches(text))
        {
            var image = match.Groups["image"].Value;
            if (
                image.StartsWith("/boot/", StringComparison.Ordinal) == hasOwnBoot
                && !image.StartsWith("/@", StringComparison.Ordinal)
                && !image.StartsWith('$')
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
        Search().Matches(text).Select(match => match.Groups["uuid"].Value).Distinct(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<(string Image, string Words)> Kernels(string text) =>
        KernelLine().Matches(text).Select(match => (match.Groups["image"].Value, match.Groups["words"].Value));

    [GeneratedRegex(
        @"^[ \t]*search(?:\.fs_uuid[ \t]+(?<uuid>[0-9A-Fa-f-]{9,36})|[^\n]*--fs-uuid[^\n]*?[ \t](?<uuid>[0-9A-Fa-f]{4,8}-[0-9A-Fa-f-]{4,27}))(?:[ \t][^\n]*)?$",
        RegexOptions.Multiline
    )]
    private static partial Regex Search();

    [GeneratedRegex(@"^[ \t]*linux(?:16|efi)?[ \t]+(?<image>\S+)[ \t]+(?<words>[^\n]*)$", RegexOptions.Multiline)]
    private static partial Regex KernelLine();
}
