using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>initramfs-tools waits half a minute at each boot for a resume device that does not come.</summary>
internal sealed class ResumeStep : TextStep
{
    private static readonly Regex ResumePattern = new(@"^RESUME=(?<spec>\S+)", RegexOptions.CultureInvariant | RegexOptions.Multiline);

    public override string Concern => "Resume";

    public static ChangedText Transform(string text, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var result = ResumePattern.Replace(
            text,
            match =>
            {
                var spec = match.Groups["spec"].Value.Trim('"', '\'');
                var device = DeviceNames.IsDevice(spec) ? devices.Resolve(spec) : new ResolvedDevice(DeviceState.Kept);
                if (device.State == DeviceState.Kept)
                {
                    return match.Value;
                }

                var now = device.NewName ?? "none";
                changes.Add(
                    new TextChange(
                        match.Value,
                        $"now {now}",
                        device.NewName is null ? "its swap area is not part of the copy" : $"the VM does not have {spec}"
                    )
                );
                return $"RESUME={now}";
            }
        );
        return new ChangedText(result, changes);
    }

    protected override IEnumerable<string> Paths(GuestTree files) =>
        files.Files("/etc/initramfs-tools/conf.d").Append("/etc/initramfs-tools/initramfs.conf");

    protected override ChangedText Transform(string path, string text, GuestContext context) => Transform(text, context.Devices);

    protected override void OnChanged(string path, string old, GuestContext context) => context.InitramfsInputs.Add(path);
}
