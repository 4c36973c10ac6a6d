using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Storage;

/// <summary>
/// LVM's settings that were made for SAN paths, RAID cards or another host reject the VM's disks, and with them the
/// root.
/// </summary>
internal sealed class LvmFilterStep : TextStep
{
    public override string Concern => "LvmFilter";

    internal static ChangedText Transform(string text, GuestTarget target) =>
        Transform(text, PhysicalVolumes(target), target.Layout.VolumeGroups);

    /// <param name="devices">Devices that must pass, as they may be named in the VM.</param>
    public static ChangedText Transform(string text, IReadOnlyList<string> devices) => Transform(text, devices, []);

    /// <param name="groups">Volume groups of the copy with their logical volumes.</param>
    public static ChangedText Transform(string text, IReadOnlyList<string> devices, IReadOnlyList<TargetVolumeGroup> groups)
    {
        var changes = new List<TextChange>();
        // From the back, so that places in front stay where they were found.
        foreach (var setting in LvmConfiguration.Read(text).Reverse())
        {
            if (Judge(setting, devices, groups) is not var (now, what, why))
                continue;

            changes.Insert(0, new TextChange(setting.Path[(setting.Path.LastIndexOf('/') + 1)..], what, why));
            text = text[..setting.Start] + now + text[setting.End..];
        }

        return new ChangedText(text, changes);
    }

    /// <summary>The first pattern that matches decides; what none matches is accepted.</summary>
    public static bool Accepts(IReadOnlyList<string> patterns, string device)
    {
        foreach (var pattern in patterns.Where(pattern => pattern.Length > 2))
        {
            var end = pattern.LastIndexOf(Closing(pattern[1]));
            var expression = pattern[2..Math.Max(2, end)];
            try
            {
                if (Regex.IsMatch(device, expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
                {
                    return pattern[0] == 'a';
                }
            }
            catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
            {
                // Not an expression to us, so nothing is known of what it does: rather accept every disk.
                return false;
            }
        }

        return true;
    }

    protected override IEnumerable<string> Paths(GuestTree files) => LvmFiles.All(files);

    protected override ChangedText Transform(string path, string text, GuestContext context) => Transform(text, context.Target);

    protected override void OnChanged(string path, string old, GuestContext context) => context.InitramfsInputs.Add(path);

    /// <summary>Any delimiter may stand around a pattern; brackets close with their own.</summary>
    private static char Closing(char opening) =>
        opening switch
        {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            _ => opening,
        };

    private static (string Now, string What, string Why)? Judge(
        LvmSetting setting,
        IReadOnlyList<string> devices,
        IReadOnlyList<TargetVolumeGroup> groups
    ) =>
        setting.Path switch
        {
            "devices/filter" or "devices/global_filter" when !devices.All(device => Accepts(setting.Values, device)) => (
                "[ \"a|.*|\" ]",
                "accepts every disk",
                "it would reject the VM's disks"
            ),
            "devices/scan" when devices.Count > 0 && !setting.Values.Any(folder => folder.TrimEnd('/') == "/dev") => (
                "[ \"/dev\" ]",
                "looks below /dev",
                "it would not find the VM's disks"
            ),
            "activation/volume_list" or "activation/auto_activation_volume_list" => Activation(setting, groups),
            _ => null,
        };

    /// <summary>Tags of hosts and groups do not come along, so groups are named themselves. A name that stands stays.</summary>
    private static (string Now, string What, string Why)? Activation(LvmSetting setting, IReadOnlyList<TargetVolumeGroup> groups)
    {
        var missing = groups.Where(group => !IsListed(setting.Values, group)).Select(group => group.Name).ToList();
        if (missing.Count == 0)
            return null;

        var names = setting.Values.Concat(missing).Select(name => $"\"{name}\"");
        return (
            $"[ {string.Join(", ", names)} ]",
            $"lists {string.Join(", ", missing)} too",
            "the tags that it asks for are not in the copy"
        );
    }

    private static bool IsListed(IReadOnlyList<string> values, TargetVolumeGroup group) =>
        values.Contains(group.Name)
        || (group.LogicalVolumes.Count > 0 && group.LogicalVolumes.All(volume => values.Contains($"{group.Name}/{volume.Name}")));

    /// <summary>With several disks, each may get any of their names.</summary>
    private static List<string> PhysicalVolumes(GuestTarget target) =>
        [
            .. target
                .Layout.VolumeGroups.SelectMany(group => group.PhysicalVolumes)
                .SelectMany(reference =>
                    target
                        .Layout.Disks.Where(disk => disk.Address.Controller == ControllerOf(target.Layout, reference))
                        .Select(disk => reference with { Disk = disk.Number })
                )
                .Select(target.DeviceOf)
                .OfType<string>()
                .Distinct(),
        ];

    private static DiskController? ControllerOf(TargetLayout layout, DeviceReference reference) =>
        layout.Disks.FirstOrDefault(disk => disk.Number == reference.Disk)?.Address.Controller;
}
