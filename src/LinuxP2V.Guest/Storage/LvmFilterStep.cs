using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>lvm.conf filters made for SAN paths or RAID cards reject the VM's disks, and with them the root.</summary>
internal sealed class LvmFilterStep : TextStep
{
    private static readonly Regex FilterPattern = new(
        @"^(?<indent>[ \t]*)(?<name>(?:global_)?filter)\s*=\s*\[(?<list>[^\]]*(?:\][^\]\n]*"")*[^\]]*)\]",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex Pattern = new("\"(?<text>[^\"]+)\"", RegexOptions.CultureInvariant);

    public override string Concern => "LvmFilter";

    /// <param name="devices">Devices that must pass, as they may be named in the VM.</param>
    public static ChangedText Transform(string text, IReadOnlyList<string> devices)
    {
        var changes = new List<TextChange>();
        var result = FilterPattern.Replace(
            text,
            match =>
            {
                var patterns = Pattern
                    .Matches(match.Groups["list"].Value)
                    .Cast<Match>()
                    .Select(pattern => pattern.Groups["text"].Value)
                    .ToList();
                if (devices.All(device => Accepts(patterns, device)))
                {
                    return match.Value;
                }

                changes.Add(new TextChange(match.Groups["name"].Value, "accepts every disk", "it would reject the VM's disks"));
                return $"{match.Groups["indent"].Value}{match.Groups["name"].Value} = [ \"a|.*|\" ]";
            }
        );
        return new ChangedText(result, changes);
    }

    /// <summary>The first pattern that matches decides; what none matches is accepted.</summary>
    public static bool Accepts(IReadOnlyList<string> patterns, string device)
    {
        foreach (var pattern in patterns.Where(pattern => pattern.Length > 2))
        {
            var end = pattern.LastIndexOf(pattern[1]);
            var expression = pattern[2..Math.Max(2, end)];
            try
            {
                if (Regex.IsMatch(device, expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
                {
                    return pattern[0] == 'a';
                }
            }
            catch (ArgumentException)
            {
                // Not an expression to us, so nothing is known of what it does: rather accept every disk.
                return false;
            }
        }

        return true;
    }

    protected override IEnumerable<string> Paths(GuestTree files) => ["/etc/lvm/lvm.conf", "/etc/lvm/lvmlocal.conf"];

    protected override ChangedText Transform(string path, string text, GuestContext context) =>
        Transform(
            text,
            [.. context.Layout.VolumeGroups.SelectMany(group => group.PhysicalVolumes).Select(context.Target.DeviceOf).OfType<string>()]
        );

    protected override void OnChanged(string path, string old, GuestContext context) => context.InitramfsInputs.Add(path);
}
