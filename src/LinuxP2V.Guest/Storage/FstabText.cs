using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Storage;

/// <summary>/etc/fstab for the copy's devices. Lines that hold stay byte for byte.</summary>
public static class FstabText
{
    public static ChangedText Transform(string text, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var lines = text.Split('\n');
        var entries = lines.Select(FstabEntry.Parse).ToArray();
        var resolved = ResolveAll(entries, devices);
        var gone = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < lines.Length; index++)
        {
            if (entries[index] is { } entry && WhyOff(entry, resolved[index]) is { } why)
            {
                gone.Add(entry.MountPoint);
                gone.Add(entry.Spec);
                changes.Add(new TextChange($"{entry.Spec} {entry.MountPoint}", "commented out", why));
                lines[index] = $"{ChangedText.Marker}{why}: {lines[index]}";
                entries[index] = null;
            }
        }

        var options = new MountOptionRules(devices, gone.Contains);
        for (var index = 0; index < lines.Length; index++)
        {
            if (entries[index] is { } entry)
                lines[index] = Rewrite(lines[index], entry, resolved[index], options, changes);
        }

        return new ChangedText(changes.Count == 0 ? text : string.Join("\n", lines), changes);
    }

    /// <summary>
    /// A swap area holds no data, so any of the copy's that no other line names serves for one whose name tells nothing.
    /// </summary>
    private static ResolvedDevice?[] ResolveAll(FstabEntry?[] entries, DeviceMap devices)
    {
        var resolved = entries
            .Select(entry =>
                entry is null ? null
                : entry.SourcePaths.Any(devices.IsLeftOutPath) ? ResolvedDevice.LeftOut
                : !entry.IsOnDevice ? null
                : entry.IsSwap ? devices.Resolve(entry.Spec)
                : IsOfOtherSubvolume(entry, devices) ? ResolvedDevice.LeftOut
                : devices.ResolveMount(entry.Spec, entry.MountPoint)
            )
            .ToArray();
        var free = new Queue<Protocol.Layout.TargetVolume>(devices.Swaps.Where(swap => resolved.All(device => device?.Volume != swap)));
        for (var index = 0; index < resolved.Length; index++)
        {
            if (entries[index] is { IsSwap: true } && resolved[index] is { State: DeviceState.Unknown } && free.Count > 0)
                resolved[index] = ResolvedDevice.Renamed(free.Dequeue());
        }

        return resolved;
    }

    /// <summary>
    /// A subvolume of btrfs that was neither mounted on the source nor seen as a folder is not copied, though its file
    /// system is.
    /// </summary>
    private static bool IsOfOtherSubvolume(FstabEntry entry, DeviceMap devices)
    {
        var option = entry.Options.LastOrDefault(candidate => candidate.StartsWith("subvol=", StringComparison.Ordinal));
        if (option is null || devices.VolumeAt(entry.MountPoint) is not null || devices.Resolve(entry.Spec).Volume is not { } volume)
            return false;

        var path = option["subvol=".Length..].Trim('/');
        var known = devices.Layout.Volumes.Where(other => other.Device == volume.Device).Select(other => other.Subvolume?.Path).ToList();
        return path.Length > 0 && known.Any(other => other is not null) && !known.Contains(path);
    }

    /// <returns>Null for a line that stays.</returns>
    private static string? WhyOff(FstabEntry entry, ResolvedDevice? device) =>
        device?.State switch
        {
            DeviceState.LeftOut => "its volume is not part of the copy",
            // A bare name could be another disk in the VM, and a missing one stops the boot.
            DeviceState.Unknown when !entry.IsOptional => "the VM has no such device",
            _ => null,
        };

    private static string Rewrite(string line, FstabEntry entry, ResolvedDevice? device, MountOptionRules rules, List<TextChange> changes)
    {
        // From the back, so that the fields in front stay where they were found.
        var fields = FstabEntry.FieldsOf(line);
        if (device?.Volume is not null && fields.Count > 3)
            line = Replace(line, fields[3], string.Join(",", rules.Apply(entry, changes)));

        if (device is { State: DeviceState.Renamed, NewName: { } name })
        {
            changes.Add(new TextChange(entry.Spec, $"now {name}", $"the VM does not have {entry.Spec}"));
            line = Replace(line, fields[0], name);
        }

        return line;
    }

    /// <summary>Blanks between the fields stay as they are.</summary>
    private static string Replace(string line, Match field, string now) => line[..field.Index] + now + line[(field.Index + field.Length)..];
}
