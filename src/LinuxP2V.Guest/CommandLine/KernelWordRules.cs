using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Shell;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>What becomes of each word of the kernel's command line: a device that never comes is waited for at every boot.</summary>
internal sealed class KernelWordRules
{
    /// <summary>Names of disks that the kernel knows without a path: sda3, 0803, 8:3.</summary>
    private static readonly Regex BareDisk = new(
        @"^(?:[hsv]d[a-z]+\d*|xvd[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|[0-9a-f]{3,4}|\d+:\d+)$",
        RegexOptions.CultureInvariant
    );

    private static readonly string[] NetworkRoots = ["nfs", "nfs4", "iscsi", "nbd", "fcoe", "dhcp", "dhcp6", "nvmf", "cifs", "aoe"];

    private static readonly string[] AdapterMethods =
    [
        "dhcp",
        "on",
        "any",
        "dhcp6",
        "auto6",
        "either6",
        "link6",
        "off",
        "none",
        "both",
        "bootp",
        "rarp",
        "static",
    ];

    private static readonly string[] Blacklists =
    [
        "modprobe.blacklist",
        "module_blacklist",
        "rd.driver.blacklist",
        "rdblacklist",
        "blacklist",
    ];

    private readonly DeviceMap devices;
    private readonly IReadOnlyList<KernelWord> words;
    private readonly HashSet<string> goneAdapters;
    private readonly HashSet<string> needed;
    private readonly Lazy<bool> needsNetwork;
    private readonly bool hasOffset;

    private KernelWordRules(DeviceMap devices, IReadOnlyList<KernelWord> words)
    {
        this.devices = devices;
        this.words = words;
        needsNetwork = new Lazy<bool>(() => words.Any(NeedsNetwork));
        hasOffset = words.Any(word => word.Name == "resume_offset");
        goneAdapters = new HashSet<string>(
            words
                .Where(word => word.Name == "ifname" && word.Value is not null && NewMac(word.Value) is null)
                .Select(word => word.Value!.Split(':')[0])
        );
        needed = new HashSet<string>(
            BootModules.Required(devices.Layout, new InstalledKernel("", "", null, [], [])),
            StringComparer.Ordinal
        );
    }

    /// <returns>One verdict for each word, in order.</returns>
    public static IReadOnlyList<WordVerdict> Judge(IReadOnlyList<string> line, DeviceMap devices)
    {
        var rules = new KernelWordRules(devices, [.. line.Select(KernelWord.Parse)]);
        return [.. rules.words.Select(rules.Judge)];
    }

    private WordVerdict Judge(KernelWord word)
    {
        if (ObsoleteWords.WhyGone(word.Name, word.Value) is { } why)
            return Gone(why);

        return word.Value is not { Length: > 0 } value || word.IsVariable ? Kept(word) : JudgeValue(word, value);
    }

    private WordVerdict JudgeValue(KernelWord word, string value) =>
        word.Name switch
        {
            "root" or "real_root" => Root(word, value),
            "resume" when hasOffset => Gone("the swap file lies elsewhere in the copy"),
            "resume_offset" => Gone("the swap file lies elsewhere in the copy"),
            "resume" or "real_resume" when DeviceNames.IsDevice(value) => Device(
                word,
                value,
                devices.ResolveResume(value),
                null,
                "its swap area is not part of the copy"
            ),
            // FIPS mode checks the kernel on the file system of /boot.
            "boot" when DeviceNames.IsDevice(value) => Device(
                word,
                value,
                devices.Resolve(value),
                devices.VolumeAt("/boot"),
                "/boot is no volume of its own in the copy"
            ),
            "mount.usr" when DeviceNames.IsDevice(value) => Device(word, value, devices.ResolveMount(value, "/usr"), null, UsrGone(value)),
            "mount.usrflags" or "mount.usrfstype" when UsrIsGone() => Gone("/usr is no volume of its own in the copy"),
            "rootflags" => Flags(word, value, "/"),
            "mount.usrflags" => Flags(word, value, "/usr"),
            "systemd.mount-extra" or "rd.systemd.mount-extra" => Extra(word, value, isSwap: false),
            "systemd.swap-extra" or "rd.systemd.swap-extra" => Extra(word, value, isSwap: true),
            "rd.lvm.lv" or "rd_LVM_LV" => LogicalVolume(word, value),
            "rd.lvm.vg" or "rd_LVM_VG" => devices.HasVolumeGroup(value) ? Kept(word) : Gone("the copy has no such volume group"),
            "ifname" => InterfaceName(word, value),
            "ip" => InterfaceOf(value) is { } adapter && goneAdapters.Contains(adapter)
                ? Gone($"the VM has no adapter {adapter}")
                : Kept(word),
            "bootdev" => goneAdapters.Contains(value) ? Gone($"the VM has no adapter {value}") : Kept(word),
            "rd.neednet" when value == "1" && !needsNetwork.Value => Gone("nothing is left that the start needs the network for"),
            _ when Blacklists.Contains(word.Name) => Blacklist(word, value),
            _ => Kept(word),
        };

    private WordVerdict Root(KernelWord word, string value)
    {
        // dracut also takes the kind of the root in front of it.
        var spec = value.StartsWith("block:", StringComparison.Ordinal) ? value["block:".Length..] : value;
        if (NetworkRoots.Contains(spec.Split(':')[0]))
            return RootVolume(word, "the disks are the VM's own");

        if (BareDisk.IsMatch(spec))
            return RootVolume(word, "the names of disks change from boot to boot");

        if (!DeviceNames.IsDevice(spec))
            return Kept(word);

        return devices.Resolve(spec) switch
        {
            { State: DeviceState.Kept } => Kept(word),
            { NewName: { } renamed } => Now(word, renamed, $"the VM does not have {spec}"),
            _ => RootVolume(word, $"the VM does not have {spec}"),
        };
    }

    private WordVerdict RootVolume(KernelWord word, string why) =>
        devices.Root is { } root ? Now(word, DeviceMap.StableName(root), why) : Kept(word);

    /// <param name="successor">What takes the place of a device that tells nothing; null where nothing does.</param>
    private static WordVerdict Device(KernelWord word, string value, ResolvedDevice resolved, TargetVolume? successor, string whyGone) =>
        resolved switch
        {
            { State: DeviceState.Kept } => Kept(word),
            { NewName: { } renamed } => Now(word, renamed, $"the VM does not have {value}"),
            _ when successor is not null => Now(word, DeviceMap.StableName(successor), $"the VM does not have {value}"),
            _ => Gone(whyGone),
        };

    private static string UsrGone(string value) => $"the VM does not have {value}";

    private bool UsrIsGone() =>
        words.FirstOrDefault(word => word.Name == "mount.usr") is { Value: { } value } usr
        && DeviceNames.IsDevice(value)
        && JudgeValue(usr, value).Now is null;

    private WordVerdict Flags(KernelWord word, string value, string mountPoint)
    {
        var changes = new List<TextChange>();
        var kept = new MountOptionRules(devices, _ => false).Apply(new FstabEntry("", mountPoint, "", value.Split(',')), changes);
        return changes.Count == 0 ? Kept(word)
            : kept is ["defaults"] ? Gone(changes[0].Why)
            : Now(word, string.Join(",", kept), changes[0].Why);
    }

    /// <summary>WHAT:WHERE:TYPE:OPTIONS, or of swap WHAT:OPTIONS.</summary>
    private WordVerdict Extra(KernelWord word, string value, bool isSwap)
    {
        var fields = value.Split(':');
        if (!DeviceNames.IsDevice(fields[0]))
            return Kept(word);

        var resolved = isSwap || fields.Length < 2 ? devices.Resolve(fields[0]) : devices.ResolveMount(fields[0], fields[1]);
        return resolved switch
        {
            { State: DeviceState.Kept } => Kept(word),
            { NewName: { } name } => Now(word, string.Join(":", fields.Skip(1).Prepend(name)), $"the VM does not have {fields[0]}"),
            _ => Gone($"the VM does not have {fields[0]}"),
        };
    }

    private WordVerdict LogicalVolume(KernelWord word, string value) =>
        value.Split('/') is not [var group, var volume] || devices.HasLogicalVolume(group, volume)
            ? Kept(word)
            : Gone("the copy has no such logical volume");

    private WordVerdict InterfaceName(KernelWord word, string value)
    {
        var name = value.Split(':')[0];
        return NewMac(value) is not { } mac ? Gone("the VM has no adapter with this address")
            : value == $"{name}:{mac}" ? Kept(word)
            : Now(word, $"{name}:{mac}", "the VM's adapter has another address");
    }

    /// <returns>The VM's address in the place of the source's; null where the VM has none for it.</returns>
    private string? NewMac(string ifname)
    {
        var split = ifname.IndexOf(':');
        var mac = split < 0 ? "" : ifname[(split + 1)..];
        var adapters = devices.Options.Adapters;
        return adapters.Any(adapter => string.Equals(adapter.TargetMac, mac, StringComparison.OrdinalIgnoreCase))
            ? mac
            : adapters.FirstOrDefault(adapter => string.Equals(adapter.SourceMac, mac, StringComparison.OrdinalIgnoreCase))?.TargetMac;
    }

    private bool NeedsNetwork(KernelWord word) =>
        word is { Name: "ip", Value: { } value } && Judge(word).Now is not null && value is not "off" and not "none";

    /// <summary>The adapter of dracut's ip=, which stands first or sixth.</summary>
    private static string? InterfaceOf(string value)
    {
        var fields = value.Split(':');
        var first = fields[0];
        var isAddress = first.Length == 0 || first.Contains(".") || first.StartsWith("[", StringComparison.Ordinal);
        return isAddress ? (fields.Length > 5 ? fields[5] : null)
            : AdapterMethods.Contains(first) ? null
            : first;
    }

    private WordVerdict Blacklist(KernelWord word, string value)
    {
        var modules = value.Split(',');
        var wrong = modules.Where(module => needed.Contains(module.Replace('-', '_'))).ToList();
        if (wrong.Count == 0)
            return Kept(word);

        var why = $"the VM's root needs {string.Join(", ", wrong)}";
        var kept = modules.Except(wrong).ToList();
        return kept.Count == 0 ? Gone(why) : Now(word, string.Join(",", kept), why);
    }

    private static WordVerdict Kept(KernelWord word) => new(word.Text, null);

    private static WordVerdict Gone(string why) => new(null, why);

    private static WordVerdict Now(KernelWord word, string value, string why) => new($"{word.Name}={value}", why);
}
