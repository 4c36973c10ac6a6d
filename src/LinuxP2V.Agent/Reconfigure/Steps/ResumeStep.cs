using System.Text.RegularExpressions;
using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>initramfs-tools waits half a minute at each boot for a resume device that does not come.</summary>
internal sealed partial class ResumeStep : TextStep
{
    public override string Concern => "Resume";

    public static (string Text, IReadOnlyList<TextChange> Changes) Transform(string text, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var result = Resume()
            .Replace(
                text,
                match =>
                {
                    var spec = match.Groups["spec"].Value.Trim('"', '\'');
                    var verdict = FstabText.IsDevice(spec) ? devices.Resolve(spec) : new DeviceVerdict(DeviceFate.Kept);
                    if (verdict.Fate == DeviceFate.Kept)
                    {
                        return match.Value;
                    }

                    var now = verdict.NewName ?? "none";
                    changes.Add(
                        new TextChange(
                            match.Value,
                            $"now {now}",
                            verdict.NewName is null ? "its swap area is not part of the copy" : $"the VM does not have {spec}"
                        )
                    );
                    return $"RESUME={now}";
                }
            );
        return (result, changes);
    }

    protected override IEnumerable<string> Paths(CopyRoot files) =>
        files.Files("/etc/initramfs-tools/conf.d").Append("/etc/initramfs-tools/initramfs.conf");

    protected override (string Text, IReadOnlyList<TextChange> Changes) Transform(string path, string text, ReconfigureContext context) =>
        Transform(text, context.Devices);

    protected override void OnChanged(string path, ReconfigureContext context) => context.InitramfsInputs.Add(path);

    [GeneratedRegex(@"^RESUME=(?<spec>\S+)", RegexOptions.Multiline)]
    private static partial Regex Resume();
}
