using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>Files that name the source's disks or reach out for network disks, and that no rule can rewrite: they are said.</summary>
internal sealed class OtherStorageStep : IGuestStep
{
    private static readonly string[] Paths =
    [
        "/etc/sysconfig/rawdevices",
        "/etc/default/raw",
        "/etc/default/rawdevices",
        "/etc/raw",
        "/etc/security/pam_mount.conf.xml",
        "/etc/mtools.conf",
        "/etc/sysconfig/oracleasm",
    ];

    /// <summary>Names of disks that differ in the VM.</summary>
    private static readonly Regex Disk = new(
        @"/dev/(?:[hsv]d[a-z]|nvme\d|cciss/|disk/by-(?:id|path)/|mapper/mpath|emcpower|md\d)",
        RegexOptions.CultureInvariant
    );

    /// <summary>Rules for disks by what only one disk has; those for adapters and other devices are none of ours.</summary>
    private static readonly Regex DiskRule = new(
        @"^(?!\s*#)(?=.*\b(?:ID_SERIAL|ID_SERIAL_SHORT|ID_WWN|DM_UUID|scsi_id|ID_SCSI_SERIAL)\b)(?=.*\b(?:block|sd|dm|nvme|SYMLINK|OWNER|NAME)).*$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex Automatic = new(
        @"^\s*node\.startup\s*=\s*(?:automatic|onboot)\s*$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    public string Concern => "OtherStorage";

    public void Plan(GuestContext context)
    {
        foreach (var path in Paths.Where(context.Files.FileExists).Where(path => Names(context.Files.ReadText(path))))
            Warn(context, path, "names disks of the source");

        foreach (
            var path in context.Files.Files("/etc/udev/rules.d", "*.rules").Where(path => DiskRule.IsMatch(context.Files.ReadText(path)))
        )
            Warn(context, path, "knows disks by serial number or WWN, which the VM's disks do not have");

        ReportIscsi(context);
    }

    private static bool Names(string text) =>
        text.Split('\n').Any(line => !line.TrimStart().StartsWith("#", StringComparison.Ordinal) && Disk.IsMatch(line));

    /// <summary>A copied volume and its original would be there at once, with one UUID.</summary>
    private static void ReportIscsi(GuestContext context)
    {
        foreach (var root in (string[])["/etc/iscsi/nodes", "/var/lib/iscsi/nodes"])
        {
            var targets = context
                .Files.Folders(root)
                .Where(target => Below(context.Files, target).Any(path => Automatic.IsMatch(context.Files.ReadText(path))))
                .Select(target => target[(target.LastIndexOf('/') + 1)..])
                .ToList();
            if (targets.Count == 0)
                continue;

            context.Warn(
                "IscsiTarget",
                root,
                $"The copy logs in to iSCSI targets at its start: {string.Join(", ", targets)}. "
                    + "A volume of them that was copied is then there twice, and both machines can write to it.",
                "Remove the targets from the copy (iscsiadm -m node -o delete), or give it another initiator name, before it has a network."
            );
        }
    }

    private static IEnumerable<string> Below(GuestTree files, string folder) =>
        files.Files(folder).Concat(files.Folders(folder).SelectMany(inner => files.Files(inner)));

    private static void Warn(GuestContext context, string path, string what) =>
        context.Warn("DiskNamedElsewhere", path, $"{path} {what}.", "Change it in the copy if it is still needed there.");
}
