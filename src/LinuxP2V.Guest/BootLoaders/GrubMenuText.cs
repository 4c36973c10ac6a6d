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

    private static readonly string[] KernelCommands = ["linux", "linux16", "linuxefi", "module", "module2"];

    /// <returns>Null when the menu may stay.</returns>
    public static string? WhyNot(string text, DeviceMap devices)
    {
        if (text.Trim().Length == 0)
        {
            return "the menu is empty";
        }

        if (Uuids(text).FirstOrDefault(uuid => !devices.HasUuid(uuid)) is { } gone)
            return $"it looks for file system {gone}, which the copy does not have";

        var script = GrubScript.Parse(text);
        return WhyNotFound(script, devices)
            ?? script.AllCommands.Select(command => WhyNot(command, devices)).FirstOrDefault(why => why is not null);
    }

    /// <summary>UUIDs that search commands look for.</summary>
    public static IEnumerable<string> Uuids(string text) =>
        SearchPattern.Matches(text).Cast<Match>().Select(match => match.Groups["uuid"].Value).Distinct(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<(string Image, string Words)> Kernels(string text) =>
        KernelLinePattern.Matches(text).Cast<Match>().Select(match => (match.Groups["image"].Value, match.Groups["words"].Value));

    /// <summary>Devices that the menu begins its paths at.</summary>
    internal static string? WhyNotFound(GrubScript script, DeviceMap devices)
    {
        var variables = new GrubVariables(new Dictionary<string, string>(StringComparer.Ordinal));
        variables.Run(script.Commands);
        foreach (var entry in script.AllEntries.Where(entry => entry.Commands.Any(command => KernelCommands.Contains(command.Name))))
        {
            var own = variables.Copy();
            own.Run(entry.Commands);
            if (own["root"] is { } root && WhyNotDevice(root, devices) is { } why)
                return $"{why} (entry {entry.Title})";
        }

        return null;
    }

    private static string? WhyNotDevice(string root, DeviceMap devices) =>
        root.StartsWith("label:", StringComparison.Ordinal)
        && devices.Layout.Volumes.All(volume => volume.FileSystem.Label != root["label:".Length..])
            ? $"it looks for the label {root["label:".Length..]}, which the copy does not have"
        : root.StartsWith("hd", StringComparison.Ordinal) ? $"it names a disk by its number, {root}"
        : root.StartsWith("md", StringComparison.Ordinal)
        || root.StartsWith("crypto", StringComparison.Ordinal)
        || root.StartsWith("lvmid/", StringComparison.Ordinal)
            ? $"it names {root}, which the copy does not have"
        : null;

    private static string? WhyNot(GrubCommand command, DeviceMap devices)
    {
        if (command.Name == "cryptomount")
            return "it opens a LUKS volume, and the copy has none";

        var arguments = command.Words.Skip(1).SkipWhile(word => word.StartsWith("--", StringComparison.Ordinal)).ToList();
        if (!KernelCommands.Contains(command.Name) || arguments.Count == 0)
            return null;

        if (!command.Name.StartsWith("module", StringComparison.Ordinal) && WhyNotImage(arguments[0], devices) is { } why)
            return why;

        var words = arguments.Skip(1).ToList();
        return words
            .Zip(KernelWordRules.Judge(words, devices), (word, verdict) => verdict.Why is null ? null : $"{word} in it: {verdict.Why}")
            .FirstOrDefault(reason => reason is not null);
    }

    private static string? WhyNotImage(string image, DeviceMap devices)
    {
        var hasOwnBoot = devices.VolumeAt("/boot") is not null;
        return !image.StartsWith("/", StringComparison.Ordinal)
            || image.StartsWith("/@", StringComparison.Ordinal)
            || image.StartsWith("/boot/", StringComparison.Ordinal) != hasOwnBoot
                ? null
            : hasOwnBoot ? "/boot is a volume of its own in the copy"
            : "/boot lies on the root volume in the copy";
    }
}
