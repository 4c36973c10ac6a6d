using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Network;

/// <summary>The files that pin an adapter's old name to the VM's adapter by its address.</summary>
public static class LinkFiles
{
    private static readonly Regex SharedLibraryPattern = new(@"libsystemd-shared-(\d+)", RegexOptions.CultureInvariant);

    private static readonly Regex EarlyNetworkPattern = new(@"[\s""'](ip=|rd\.neednet|netroot=)", RegexOptions.CultureInvariant);

    public const string RulesFile = "/etc/udev/rules.d/70-persistent-net.rules";
    private const string LinkFolder = "/etc/systemd/network";
    private const string Mark = "linuxp2v-";

    /// <summary>Adapters that a VM can have.</summary>
    private static readonly string[] AdapterDrivers = ["vmxnet3", "e1000e", "e1000", "virtio_net"];

    /// <summary>systemd since 240 names an adapter again that the initramfs has named already.</summary>
    private const int FirstThatRenamesAgain = 240;

    private static readonly string[] LibraryFolders = ["/lib/systemd", "/usr/lib/systemd", "/usr/lib64/systemd", "/lib64/systemd"];

    /// <param name="firstOther">Name of the admin's first file that matches the adapter: ours must sort before it.</param>
    public static string LinkPath(AdapterMapping adapter, string firstOther = "")
    {
        var name = $"10-{Mark}{adapter.SourceName}.link";
        return $"{LinkFolder}/{(firstOther.Length > 0 && string.CompareOrdinal(firstOther, name) < 0 ? "00" + name[2..] : name)}";
    }

    /// <summary>Whether this tool wrote it.</summary>
    internal static bool IsOwn(string path) => path.StartsWith($"{LinkFolder}/", StringComparison.Ordinal) && path.Contains($"0-{Mark}");

    /// <summary>Type keeps VLANs and bridges out, which carry their parent's address.</summary>
    /// <param name="settings">More lines of [Link].</param>
    public static string LinkText(AdapterMapping adapter, IReadOnlyList<string> settings) =>
        $"# linuxp2v: the adapter that takes the place of "
        + $"{adapter.SourceMac}\n[Match]\nMACAddress={adapter.TargetMac}\nType=ether\n\n[Link]\nName={adapter.SourceName}\n"
        + string.Concat(settings.Select(line => line + "\n"));

    /// <summary>For udev before systemd 197, and where the admin switched .link files off. DRIVERS keeps virtual interfaces out.</summary>
    public static string RuleLine(AdapterMapping adapter) =>
        $"SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{{address}}==\"{adapter.TargetMac}\", "
        + $"ATTR{{type}}==\"1\", NAME=\"{adapter.SourceName}\"\n";

    public static bool UsesLinks(GuestTree files) =>
        (files.FolderExists("/lib/systemd/network") || files.FolderExists("/usr/lib/systemd/network"))
        && !IsMasked(files, "/etc/udev/rules.d/80-net-setup-link.rules");

    /// <summary>Paths of the .link files that this tool wrote.</summary>
    public static IReadOnlyList<string> Written(GuestTree files) => [.. files.Files(LinkFolder, "*.link").Where(IsOwn)];

    /// <summary>
    /// Whether the image must hold the .link files: it drives the adapters, and the system after it either configures the
    /// network in the initramfs already or is too old to rename what was named there.
    /// </summary>
    public static bool MustBeInInitramfs(GuestTree files, IReadOnlyCollection<string> modules)
    {
        if (Written(files).Count == 0 || !AdapterDrivers.Any(modules.Contains))
        {
            return false;
        }

        return SystemdVersion(files) is not { } version || version < FirstThatRenamesAgain || UsesEarlyNetwork(files);
    }

    public static int? SystemdVersion(GuestTree files)
    {
        var folders = LibraryFolders.Concat(files.Folders("/usr/lib", "*-linux-gnu*").Select(folder => folder + "/systemd"));
        var name = folders.SelectMany(folder => files.Files(folder, "libsystemd-shared-*.so")).FirstOrDefault();
        var match = name is null ? Match.Empty : SharedLibraryPattern.Match(name);
        return match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
    }

    private static bool UsesEarlyNetwork(GuestTree files) =>
        files.FolderExists("/etc/dropbear/initramfs")
        || files.FolderExists("/etc/dropbear-initramfs")
        || EarlyNetworkPattern.IsMatch(files.TryReadText("/etc/default/grub") ?? "");

    private static bool IsMasked(GuestTree files, string path) =>
        files.Entry(path) is { LinkTarget: "/dev/null" } or { Kind: EntryKind.File, Length: 0 };
}
