using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Network;

internal enum NetworkFileKind
{
    /// <summary>Addresses are all that ties it to an adapter, besides names, which stay.</summary>
    Plain,
    Networkd,
    NetworkManager,
    Netplan,
    Udev,
}

/// <summary>Where the network managers of Linux keep what ties a configuration to an adapter.</summary>
internal static class NetworkFiles
{
    private const string PackageFolder = "/usr/lib/systemd/network";

    private static readonly (string Folder, string Pattern, NetworkFileKind Kind)[] Places =
    [
        ("/etc/network", "interfaces", NetworkFileKind.Plain),
        ("/etc/network/interfaces.d", "*", NetworkFileKind.Plain),
        ("/etc/netplan", "*.yaml", NetworkFileKind.Netplan),
        ("/usr/lib/netplan", "*.yaml", NetworkFileKind.Netplan),
        ("/etc/NetworkManager/system-connections", "*", NetworkFileKind.NetworkManager),
        ("/usr/lib/NetworkManager/system-connections", "*", NetworkFileKind.NetworkManager),
        ("/etc/NetworkManager/conf.d", "*.conf", NetworkFileKind.NetworkManager),
        ("/etc/NetworkManager", "NetworkManager.conf", NetworkFileKind.NetworkManager),
        ("/etc/sysconfig/network-scripts", "ifcfg-*", NetworkFileKind.Plain),
        ("/etc/sysconfig/network", "ifcfg-*", NetworkFileKind.Plain),
        ("/etc/wicked", "*.xml", NetworkFileKind.Plain),
        ("/etc/wicked/ifconfig", "*.xml", NetworkFileKind.Plain),
        ("/etc/systemd/network", "*.link", NetworkFileKind.Networkd),
        ("/etc/systemd/network", "*.network", NetworkFileKind.Networkd),
        ("/etc/systemd/network", "*.netdev", NetworkFileKind.Networkd),
        ("/usr/local/lib/systemd/network", "*.link", NetworkFileKind.Networkd),
        ("/usr/local/lib/systemd/network", "*.network", NetworkFileKind.Networkd),
        (PackageFolder, "*.network", NetworkFileKind.Networkd),
        ("/etc/udev/rules.d", "*.rules", NetworkFileKind.Udev),
        ("/etc/conf.d", "net*", NetworkFileKind.Plain),
        ("/etc", "iftab", NetworkFileKind.Plain),
        ("/etc", "mactab", NetworkFileKind.Plain),
        ("/etc", "dhcpcd.conf", NetworkFileKind.Plain),
        ("/etc/dhcp", "dhclient*.conf", NetworkFileKind.Plain),
        ("/etc", "dhclient*.conf", NetworkFileKind.Plain),
    ];

    /// <summary>Programs that run when an adapter comes up. Their text is the admin's: it is looked at and stays.</summary>
    private static readonly string[] ScriptFolders =
    [
        "/etc/NetworkManager/dispatcher.d",
        "/etc/NetworkManager/dispatcher.d/pre-up.d",
        "/etc/network/if-pre-up.d",
        "/etc/network/if-up.d",
        "/etc/network/if-down.d",
        "/etc/network/if-post-down.d",
        "/etc/networkd-dispatcher/routable.d",
        "/etc/networkd-dispatcher/configured.d",
        "/etc/dhcp/dhclient-enter-hooks.d",
        "/etc/dhcp/dhclient-exit-hooks.d",
        "/etc/sysconfig/network/scripts",
        "/etc/sysconfig/network/if-up.d",
        "/etc/local.d",
    ];

    private static readonly string[] Scripts =
    [
        "/etc/rc.local",
        "/etc/rc.d/rc.local",
        "/etc/init.d/boot.local",
        "/sbin/ifup-local",
        "/etc/ethers",
    ];

    private static readonly string[] PartFolders = ["*.link.d", "*.network.d", "*.netdev.d"];

    private static readonly char[] Spaces = [' ', '\t'];

    public static IReadOnlyList<(string Path, NetworkFileKind Kind)> Find(GuestTree files) =>
        [
            .. Places
                .SelectMany(place => files.Files(place.Folder, place.Pattern).Select(path => (path, place.Kind)))
                .Concat(Parts(files).Select(path => (path, NetworkFileKind.Networkd)))
                .Concat(Sourced(files).Select(path => (path, NetworkFileKind.Plain)))
                .GroupBy(entry => entry.Item1)
                .Select(group => group.First()),
        ];

    public static IEnumerable<string> FindScripts(GuestTree files) =>
        ScriptFolders.SelectMany(folder => files.Files(folder)).Concat(Scripts.Where(files.FileExists)).Distinct();

    /// <summary>A package's own file, which is not edited but overruled by one of the same name.</summary>
    public static bool IsOfPackage(string path) => path.StartsWith(PackageFolder + "/", StringComparison.Ordinal);

    /// <summary>The file that overrules a package's own.</summary>
    public static string Overruling(string path) => "/etc" + path["/usr/lib".Length..];

    /// <summary>A .link file, or a part of one.</summary>
    public static bool IsLink(string path) => path.EndsWith(".link", StringComparison.Ordinal) || path.Contains(".link.d/");

    private static IEnumerable<string> Parts(GuestTree files) =>
        PartFolders
            .SelectMany(pattern => files.Folders("/etc/systemd/network", pattern))
            .SelectMany(folder => files.Files(folder, "*.conf"));

    /// <summary>What ifup reads: /etc/network/interfaces, and the files that it takes in.</summary>
    public static IEnumerable<string> Interfaces(GuestTree files) => Sourced(files).Prepend("/etc/network/interfaces");

    /// <summary>What /etc/network/interfaces takes in from elsewhere.</summary>
    private static IEnumerable<string> Sourced(GuestTree files)
    {
        foreach (var line in (files.TryReadText("/etc/network/interfaces") ?? "").Split('\n'))
        {
            var words = line.Trim().Split(Spaces, 2, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0] is not ("source" or "source-directory"))
                continue;

            var path = words[1].Trim().StartsWith("/", StringComparison.Ordinal) ? words[1].Trim() : $"/etc/network/{words[1].Trim()}";
            var folder = path[..path.LastIndexOf('/')];
            var found = words[0] == "source" ? files.Files(folder, path[(path.LastIndexOf('/') + 1)..]) : files.Files(path);
            foreach (var file in found)
                yield return file;
        }
    }
}
