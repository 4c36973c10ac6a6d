using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Shell;

namespace LinuxP2V.Guest.Storage;

/// <summary>initramfs-tools waits half a minute at each boot for a resume device that does not come; uswsusp asks at the screen.</summary>
internal sealed class ResumeStep : TextStep
{
    private static readonly string[] SuspendFiles = ["/etc/uswsusp.conf", "/etc/suspend.conf"];

    private static readonly Regex SuspendLine = new(
        @"^[ \t]*resume device[ \t]*[=:][ \t]*(?<spec>\S+)[^\n]*$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    public override string Concern => "Resume";

    /// <summary>RESUME= as a shell reads it, in any quotes.</summary>
    public static ChangedText Transform(string text, DeviceMap devices) =>
        ShellScript.ChangeValues(
            text,
            name => name == "RESUME",
            (_, spec) => Judge(spec, devices) is var (now, why) ? (now ?? "none", why) : null
        );

    /// <summary>uswsusp's settings; without the line it looks for no image.</summary>
    public static ChangedText TransformSuspend(string text, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var result = SuspendLine.Replace(
            text,
            match =>
            {
                var spec = match.Groups["spec"];
                if (Judge(spec.Value, devices) is not var (now, why))
                    return match.Value;

                // uswsusp opens the path itself and knows no tags.
                var path = now is null ? null : now.Replace("UUID=", "/dev/disk/by-uuid/");
                changes.Add(new TextChange(spec.Value, path is null ? "commented out" : $"now {path}", why));
                return path is null
                    ? $"{ChangedText.Marker}{why}: {match.Value}"
                    : match.Value[..(spec.Index - match.Index)] + path + match.Value[(spec.Index - match.Index + spec.Length)..];
            }
        );
        return new ChangedText(result, changes);
    }

    protected override IEnumerable<string> Paths(GuestTree files) =>
        files.Files("/etc/initramfs-tools/conf.d").Append("/etc/initramfs-tools/initramfs.conf").Concat(SuspendFiles);

    protected override ChangedText Transform(string path, string text, GuestContext context) =>
        SuspendFiles.Contains(path) ? TransformSuspend(text, context.Devices) : Transform(text, context.Devices);

    protected override void OnChanged(string path, string old, GuestContext context) => context.InitramfsInputs.Add(path);

    /// <returns>Null for a device that stays; a new name of null where the copy has none.</returns>
    private static (string? Now, string Why)? Judge(string spec, DeviceMap devices)
    {
        if (!DeviceNames.IsDevice(spec) || devices.ResolveResume(spec) is not { State: not DeviceState.Kept } device)
            return null;

        return (device.NewName, device.NewName is null ? "its swap area is not part of the copy" : $"the VM does not have {spec}");
    }
}
