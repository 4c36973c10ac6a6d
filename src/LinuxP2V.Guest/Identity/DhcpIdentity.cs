using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Identity;

/// <summary>What DHCP clients remember: with it the copy would ask for the source's addresses.</summary>
internal static class DhcpIdentity
{
    private static readonly (string Folder, string Pattern)[] Remembered =
    [
        ("/var/lib/dhcp", "*.lease*"),
        ("/var/lib/dhclient", "*.lease*"),
        ("/var/lib/dhcp3", "*.lease*"),
        ("/var/lib/dhcpcd", "*"),
        ("/var/db/dhcpcd", "*"),
        ("/var/lib/NetworkManager", "*.lease"),
        ("/var/lib/wicked", "*.xml"),
        ("/etc", "dhcpcd.duid"),
        ("/etc", "dhcpcd.secret"),
    ];

    /// <summary>Of it NetworkManager makes ids for DHCP and IPv6.</summary>
    private const string StableSecret = "/var/lib/NetworkManager/secret_key";

    private static readonly (string Folder, string Pattern)[] Configured =
    [
        ("/etc/dhcp", "dhclient*.conf"),
        ("/etc", "dhclient*.conf"),
        ("/etc", "dhcpcd.conf"),
        ("/etc/sysconfig/network-scripts", "ifcfg-*"),
        ("/etc/sysconfig/network", "ifcfg-*"),
        ("/etc/NetworkManager/system-connections", "*"),
        ("/etc/systemd/network", "*.network"),
    ];

    private static readonly Regex FixedId = new(
        @"^[ \t]*(?:send[ \t]+dhcp-client-identifier|clientid[ \t]+\S|DHCP_CLIENT_ID=|DHCLIENT_CLIENT_ID=|dhcp-client-id=|DUIDRawData=)",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    public static void Plan(string concern, GuestContext context)
    {
        foreach (var path in Remembered.SelectMany(place => context.Files.Files(place.Folder, place.Pattern)).Where(IsFile))
            context.Remove(concern, path, "with it the copy would ask for the source's address");

        if (IsFile(StableSecret))
            context.RemoveSecret(concern, StableSecret, "NetworkManager would make the source's ids of it");

        foreach (var path in Configured.SelectMany(place => context.Files.Files(place.Folder, place.Pattern)))
        {
            if (FixedId.IsMatch(ConfigurationLines.OfUsualLength(context.Files.ReadText(path))))
                context.Warn(
                    "DhcpIdentityConfigured",
                    path,
                    $"{path} gives the machine a fixed identity towards DHCP: source and copy would ask for the same address.",
                    "Change it in the VM before both run in one network."
                );
        }

        bool IsFile(string path) => context.Files.Entry(path) is { Kind: EntryKind.File };
    }
}
