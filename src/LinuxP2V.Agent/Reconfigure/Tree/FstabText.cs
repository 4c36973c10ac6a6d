using System.Text.RegularExpressions;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <param name="What">What became of the line.</param>
internal sealed record TextChange(string Line, string What, string Why);

/// <summary>/etc/fstab for the copy's devices. Lines that hold stay byte for byte.</summary>
internal static partial class FstabText
{
    public const string Marker = "# linuxp2v: ";

    private static readonly string[] Tags = ["UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="];

    public static (string Text, IReadOnlyList<TextChange> Changes) Transform(string text, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var lines = text.Split('\n');
        var unknownSwaps = lines
            .Select(Parse)
            .Count(entry => entry is { IsSwap: true } && devices.Resolve(entry.Spec).Fate == DeviceFate.Unknown);
        for (var index = 0; index < lines.Length; index++)
        {
            if (Parse(lines[index]) is { } entry && IsDevice(entry.Spec))
            {
                lines[index] = Line(lines[index], entry, devices, unknownSwaps == 1, changes);
            }
        }

        return (string.Join('\n', lines), changes);
    }

    /// <summary>Entries of the text; options split at commas.</summary>
    public static IEnumerable<FstabEntry> Entries(string text) => text.Split('\n').Select(Parse).OfType<FstabEntry>();

    public static bool IsDevice(string spec) =>
        spec.StartsWith("/dev/", StringComparison.Ordinal) || Tags.Any(tag => spec.StartsWith(tag, StringComparison.Ordinal));

    private static string Line(string line, FstabEntry entry, DeviceMap devices, bool isOnlyUnknownSwap, List<TextChange> changes)
    {
        var verdict = devices.Resolve(entry.Spec);
        if (verdict.Fate == DeviceFate.Dropped || (verdict.Fate == DeviceFate.Unknown && devices.IsDroppedMountPoint(entry.MountPoint)))
        {
            return Comment("its volume is not part of the copy");
        }

        if (verdict.Fate == DeviceFate.Unknown)
        {
            // A name such as by-id that only the source could resolve: the mount point tells which volume it is.
            var volume = entry.IsSwap ? (isOnlyUnknownSwap ? devices.OnlySwap : null) : devices.VolumeAt(entry.MountPoint);
            verdict = volume is null ? verdict : new DeviceVerdict(DeviceFate.Renamed, volume, DeviceMap.StableName(volume));
        }

        switch (verdict.Fate)
        {
            case DeviceFate.Renamed:
                changes.Add(new TextChange(entry.Spec, $"now {verdict.NewName}", $"the VM does not have {entry.Spec}"));
                var start = line.IndexOf(entry.Spec, StringComparison.Ordinal);
                return string.Concat(line.AsSpan(0, start), verdict.NewName, line.AsSpan(start + entry.Spec.Length));
            case DeviceFate.Unknown when entry.Options.Contains("nofail") || entry.Options.Contains("noauto"):
                return line;
            case DeviceFate.Unknown:
                // A bare name could be another disk in the VM, and a missing one stops the boot.
                return Comment("the VM has no such device");
            default:
                return line;
        }

        string Comment(string why)
        {
            changes.Add(new TextChange($"{entry.Spec} {entry.MountPoint}", "commented out", why));
            return Marker + why + ": " + line;
        }
    }

    private static FstabEntry? Parse(string line)
    {
        var fields = Blanks().Split(line.Trim());
        return fields.Length < 3 || fields[0].StartsWith('#')
            ? null
            : new FstabEntry(fields[0], fields[1], fields[2], fields.Length > 3 ? fields[3].Split(',') : []);
    }

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex Blanks();
}

internal sealed record FstabEntry(string Spec, string MountPoint, string Type, IReadOnlyList<string> Options)
{
    public bool IsSwap => Type == "swap";
}
