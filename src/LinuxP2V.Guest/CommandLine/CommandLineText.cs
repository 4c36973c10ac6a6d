using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>The kernel's command line for the copy's devices: a device that never comes is waited for at every boot.</summary>
internal static class CommandLineText
{
    private static readonly Regex WordsPattern = new("""(?:[^\s"]|"[^"]*")+""", RegexOptions.CultureInvariant);

    /// <summary>They name RAID arrays, LUKS and network disks, none of which a layout has.</summary>
    private static readonly Dictionary<string, string> Obsolete = new(StringComparer.Ordinal)
    {
        ["rd.md.uuid"] = "the RAID array became a plain disk",
        ["rd_MD_UUID"] = "the RAID array became a plain disk",
        ["md"] = "the RAID array became a plain disk",
        ["rd.dm.uuid"] = "the RAID array became a plain disk",
        ["rd.luks.uuid"] = "the copy is not encrypted by LUKS",
        ["rd.luks.name"] = "the copy is not encrypted by LUKS",
        ["rd.luks.options"] = "the copy is not encrypted by LUKS",
        ["rd.luks.key"] = "the copy is not encrypted by LUKS",
        ["luks.uuid"] = "the copy is not encrypted by LUKS",
        ["rd_LUKS_UUID"] = "the copy is not encrypted by LUKS",
        ["cryptdevice"] = "the copy is not encrypted by LUKS",
        ["cryptkey"] = "the copy is not encrypted by LUKS",
        ["cryptopts"] = "the copy is not encrypted by LUKS",
        ["netroot"] = "the disks are the VM's own",
        ["BOOTIF"] = "the VM has other adapters",
    };

    /// <param name="line">Words as the boot loader passes them.</param>
    public static ChangedText Transform(string line, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var words = WordsPattern.Matches(line).Cast<Match>().Select(match => match.Value).ToList();
        var hasOffset = words.Any(word => word.StartsWith("resume_offset=", StringComparison.Ordinal));
        var kept = new List<string>();
        foreach (var word in words)
        {
            var parts = word.Split(['='], 2);
            var result = parts.Length == 2 ? Word(parts[0], parts[1], devices, hasOffset) : (Value: parts[0], Why: null);
            var now =
                result.Value is null ? null
                : parts.Length == 2 ? $"{parts[0]}={result.Value}"
                : word;
            if (now != word)
            {
                changes.Add(new TextChange(word, now is null ? "removed" : $"now {now}", result.Why!));
            }

            if (now is not null)
            {
                kept.Add(now);
            }
        }

        return new ChangedText(changes.Count == 0 ? line : string.Join(" ", kept), changes);
    }

    /// <returns>The new value, null to remove the word.</returns>
    private static (string? Value, string? Why) Word(string name, string value, DeviceMap devices, bool hasOffset)
    {
        if (
            Obsolete.TryGetValue(name, out var why)
            || (name.StartsWith("rd.iscsi.", StringComparison.Ordinal) && (why = "the disks are the VM's own") is not null)
        )
        {
            return (null, why);
        }

        switch (name)
        {
            case "root" when DeviceNames.IsDevice(value):
                return devices.Resolve(value) switch
                {
                    { State: DeviceState.Kept } => (value, null),
                    { NewName: { } renamed } => (renamed, $"the VM does not have {value}"),
                    _ when devices.Root is { } volume => (DeviceMap.StableName(volume), $"the VM does not have {value}"),
                    _ => (value, null),
                };
            case "resume" when hasOffset:
                return (null, "the swap file lies elsewhere in the copy");
            case "resume_offset":
                return (null, "the swap file lies elsewhere in the copy");
            case "resume" when DeviceNames.IsDevice(value):
                return devices.Resolve(value) switch
                {
                    { State: DeviceState.Kept } => (value, null),
                    { NewName: { } renamed } => (renamed, $"the VM does not have {value}"),
                    _ => (null, "its swap area is not part of the copy"),
                };
            case "rd.lvm.lv" or "rd_LVM_LV" when value.Split('/') is [var group, var volume]:
                return devices.HasLogicalVolume(group, volume) ? (value, null) : (null, "the copy has no such logical volume");
            case "rd.lvm.vg":
                return devices.HasVolumeGroup(value) ? (value, null) : (null, "the copy has no such volume group");
            default:
                return (value, null);
        }
    }
}
