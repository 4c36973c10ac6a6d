using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Storage;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>A setting inside an initramfs that holds for the source and not for the VM.</summary>
/// <param name="File">Path in the image.</param>
/// <param name="Line">The word or line of it.</param>
/// <param name="Stops">The start would wait for it in vain, or would not find the root; else it is only slow or loud.</param>
public sealed record StaleSetting(string File, string Line, string Why, bool Stops)
{
    public override string ToString() => $"{Line} in its {File} ({Why})";
}

/// <summary>The copies of a machine's configuration inside an initramfs, judged by the rules that hold for the files themselves.</summary>
internal sealed class ImageSettings(GuestTarget target)
{
    private const string CommandLineFolder = "etc/cmdline.d/";
    private const string ResumeFolder = "conf/conf.d/";
    private const string LvmDevicesFolder = "etc/lvm/devices/";

    private static readonly string[] Single =
    [
        "etc/cmdline",
        "etc/fstab",
        "etc/crypttab",
        "cryptroot/crypttab",
        "etc/mdadm.conf",
        "etc/mdadm/mdadm.conf",
        "etc/lvm/lvm.conf",
        "etc/lvm/lvmlocal.conf",
        "conf/param.conf",
    ];

    /// <summary>dracut notes in the names of files which devices an image waits for.</summary>
    private static readonly Regex WaitPattern = new(
        @"^(?:(?:usr/)?lib/dracut/hooks/initqueue/finished/devexists-(?<device>.+)\.sh|etc/systemd/system/[a-z-]+\.target\.(?:wants|requires)/(?<unit>dev-.+)\.device)$",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex HexEscape = new(@"\\x(?<code>[0-9a-fA-F]{2})", RegexOptions.CultureInvariant);

    public static bool IsSetting(string path) =>
        Single.Contains(path)
        || IsCommandLine(path)
        || path.StartsWith(ResumeFolder, StringComparison.Ordinal)
        || path.StartsWith(LvmDevicesFolder, StringComparison.Ordinal);

    public IEnumerable<StaleSetting> Stale(IEnumerable<string> paths, IReadOnlyDictionary<string, string> texts) =>
        texts
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .SelectMany(entry => Stale(entry.Key, entry.Value))
            .Concat(paths.OrderBy(path => path, StringComparer.Ordinal).Select(Waits).OfType<StaleSetting>());

    private static bool IsCommandLine(string path) =>
        path == "etc/cmdline"
        || (path.StartsWith(CommandLineFolder, StringComparison.Ordinal) && path.EndsWith(".conf", StringComparison.Ordinal));

    private IEnumerable<StaleSetting> Stale(string path, string text) =>
        IsCommandLine(path) ? Of(path, CommandLineText.Transform(text.Trim(), target.Devices), stops: true)
        : path.StartsWith(LvmDevicesFolder, StringComparison.Ordinal) ? LvmDevices(path)
        : path.StartsWith("etc/lvm/", StringComparison.Ordinal) ? Of(path, LvmFilterStep.Transform(text, target), IsRootOnLvm)
        : path.EndsWith("crypttab", StringComparison.Ordinal) ? Of(path, CrypttabStep.Transform(text, target.Devices), stops: false)
        : path.EndsWith("mdadm.conf", StringComparison.Ordinal) ? Of(path, MdadmStep.Transform(text), stops: false)
        : path == "etc/fstab" ? Of(path, FstabText.Transform(text, target.Devices), stops: false)
        : Of(path, ResumeStep.Transform(text, target.Devices), stops: false);

    private bool IsRootOnLvm => target.Devices.Root?.Device.VolumeGroup is not null;

    /// <summary>It hides every disk that it does not list.</summary>
    private IEnumerable<StaleSetting> LvmDevices(string path) =>
        IsRootOnLvm ? [new StaleSetting(path, "the list of disks", "it hides the VM's disks from LVM", Stops: true)] : [];

    private static IEnumerable<StaleSetting> Of(string path, ChangedText changed, bool stops) =>
        changed.Changes.Select(change => new StaleSetting(path, change.Line, change.Why, stops));

    private StaleSetting? Waits(string path)
    {
        if (WaitPattern.Match(path) is not { Success: true } match)
            return null;

        var device = match.Groups["device"].Success
            ? Unescape(match.Groups["device"].Value)
            : SystemdNames.PathOf(match.Groups["unit"].Value + ".device")!;
        return DeviceNames.IsDevice(device) && target.Devices.ResolveResume(device).State != DeviceState.Kept
            ? new StaleSetting(path[(path.LastIndexOf('/') + 1)..], device, "the VM does not have it", Stops: true)
            : null;
    }

    private static string Unescape(string name) =>
        HexEscape.Replace(
            name,
            match => ((char)int.Parse(match.Groups["code"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()
        );
}
