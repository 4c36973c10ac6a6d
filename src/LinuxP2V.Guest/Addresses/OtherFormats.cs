using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Addresses;

/// <summary>Formats in which an address is found, and not written.</summary>
internal sealed class OtherFormats : AddressFormat
{
    private static readonly (string Folder, string Pattern)[] Wicked = [("/etc/wicked/ifconfig", "*.xml"), ("/etc/wicked", "*.xml")];

    public override string Name => "another format";

    public override AddressResult? Change(GuestTree files, WantedAddresses wanted)
    {
        var name = Regex.Escape(wanted.Name);
        if (Has(files, "/etc/dhcpcd.conf", $@"^[ \t]*interface[ \t]+{name}[ \t]*\r?$"))
            return AddressResult.Refused("/etc/dhcpcd.conf configures it, which LinuxP2V does not write.");

        // A dot of a VLAN's name is an underline there.
        if (Has(files, "/etc/conf.d/net", $@"^[ \t]*(?:config|routes|dns_servers)_{Regex.Escape(wanted.Name.Replace('.', '_'))}="))
            return AddressResult.Refused("/etc/conf.d/net configures it, which LinuxP2V does not write.");

        return
            Wicked
                .SelectMany(place => files.Files(place.Folder, place.Pattern))
                .FirstOrDefault(path => Has(files, path, $@"<name[^>]*>[ \t]*{name}[ \t]*</name>"))
                is { } found
            ? AddressResult.Refused($"{found} configures it, which LinuxP2V does not write.")
            : null;
    }

    /// <summary>Says which service has the interface, where no file does.</summary>
    public override AddressResult? Create(GuestTree files, WantedAddresses wanted) =>
        files.FolderExists("/etc/connman") || files.Program("connmand") is not null
            ? AddressResult.Refused("connman keeps its settings itself, and LinuxP2V does not write them.")
        : files.FileExists("/etc/dhcpcd.conf") ? AddressResult.Refused("dhcpcd configures it, whose settings LinuxP2V does not write.")
        : null;

    private static bool Has(GuestTree files, string path, string pattern) =>
        files.TryReadText(path) is { } text
        && Regex.IsMatch(ConfigurationLines.OfUsualLength(text), pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline);
}
