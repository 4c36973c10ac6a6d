using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Checks;

/// <summary>fstab, units and crypttab ask for devices that the VM has, and no others.</summary>
internal static class DeviceCheck
{
    private static readonly char[] Blanks = [' ', '\t'];

    public static IReadOnlyList<Finding> Run(GuestTree files, GuestTarget target) =>
        [.. Fstab(files, target.Devices), .. Units(files, target.Devices), .. Crypttab(files, target.Devices)];

    private static IEnumerable<Finding> Fstab(GuestTree files, DeviceMap devices) =>
        FstabEntry
            .ParseAll(files.TryReadText("/etc/fstab") ?? "")
            .Where(entry => entry is { IsOnDevice: true, IsOptional: false })
            .Where(entry =>
                (entry.IsSwap ? devices.Resolve(entry.Spec) : devices.ResolveMount(entry.Spec, entry.MountPoint)).State != DeviceState.Kept
            )
            .Select(entry =>
                entry.IsSwap
                    ? Slow("/etc/fstab", $"/etc/fstab names the swap area {entry.Spec}, which the VM does not have")
                    : Stops("/etc/fstab", $"/etc/fstab mounts {entry.Spec} at {entry.MountPoint}, which the VM does not have")
            );

    private static IEnumerable<Finding> Units(GuestTree files, DeviceMap devices)
    {
        foreach (var path in ((string[])[".mount", ".swap"]).SelectMany(kind => UnitLinks.Units(files, kind)))
        {
            var unit = new UnitFile(files.ReadText(path));
            var links = UnitLinks.To(files, UnitLinks.NameOf(path));
            if (unit.Value("What") is not { } what || !DeviceNames.IsDevice(what) || links.Count == 0)
                continue;

            if (
                devices.ResolveMount(what, unit.Value("Where") is { } where ? Encodings.ToName(where).TrimEnd('/') : what).State
                == DeviceState.Kept
            )
                continue;

            var text = $"{path} asks for {what}, which the VM does not have";
            yield return links.Any(link => link.Contains("local-fs.target.requires/")) ? Stops(path, text) : Slow(path, text);
        }
    }

    private static IEnumerable<Finding> Crypttab(GuestTree files, DeviceMap devices) =>
        (files.TryReadText("/etc/crypttab") ?? "")
            .Split('\n')
            .Select(line => line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 1 && !fields[0].StartsWith("#", StringComparison.Ordinal) && DeviceNames.IsDevice(fields[1]))
            .Where(fields => fields.Length < 4 || !fields[3].Split(',').Any(option => option is "noauto" or "nofail"))
            .Where(fields => devices.Resolve(fields[1]).State != DeviceState.Kept)
            .Select(fields => Slow("/etc/crypttab", $"/etc/crypttab opens {fields[1]} as {fields[0]}, which the VM does not have"));

    private static Finding Stops(string subject, string what) =>
        new(
            FindingSeverity.Error,
            ErrorIds.ReconfigurationFailed,
            subject,
            $"{what}: the start would stop there.",
            "Add nofail to its options on the source, or include the volume."
        );

    private static Finding Slow(string subject, string what) =>
        new(
            FindingSeverity.Warning,
            "DeviceMissing",
            subject,
            $"{what}: the start waits for it.",
            "Remove it in the copy, or include the volume."
        );
}
