using System.Text.RegularExpressions;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Devices;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Reads a generated grub.cfg to tell whether it still holds; making it anew takes half a minute under emulation.</summary>
public static class GrubMenuText
{
    private static readonly Regex UuidPattern = new("^[0-9A-Fa-f]{4,8}-[0-9A-Fa-f-]{4,27}$", RegexOptions.CultureInvariant);

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
        GrubScript
            .Parse(text)
            .AllCommands.SelectMany(Wanted)
            .Where(word => UuidPattern.IsMatch(word))
            .Distinct(StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> Wanted(GrubCommand command) =>
        command.Name switch
        {
            "search" when command.Words.Any(word => word is "--fs-uuid" or "-u") => command.Words.Skip(1),
            "search.fs_uuid" => command.Words.Skip(1).Take(1),
            _ => [],
        };

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
