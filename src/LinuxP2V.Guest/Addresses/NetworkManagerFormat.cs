using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Network;

namespace LinuxP2V.Guest.Addresses;

/// <summary>Profiles of NetworkManager in files of their own.</summary>
internal sealed class NetworkManagerFormat : AddressFormat
{
    private const string Folder = "/etc/NetworkManager/system-connections";
    private const string PackageFolder = "/usr/lib/NetworkManager/system-connections";

    private static readonly string[] Types = ["ethernet", "802-3-ethernet", "bond", "bridge", "vlan", "team"];

    private static readonly string[] Above = ["master", "controller"];

    private static readonly string[] MacSections = ["ethernet", "802-3-ethernet"];

    public override string Name => "NetworkManager";

    public override bool HasPrivateFiles => true;

    public override AddressResult? Change(GuestTree files, WantedAddresses wanted)
    {
        var profiles = Profiles(files, Folder, wanted);
        if (profiles.Count == 0)
            return Profiles(files, PackageFolder, wanted).FirstOrDefault() is { Path: { } path }
                ? AddressResult.Refused($"{path} belongs to a package.")
                : null;

        // Of several the one that starts by itself counts.
        var started = profiles.FindAll(profile => SectionText.Value(profile.File, "connection", "autoconnect") != "false");
        var chosen = started.Count == 1 ? started : profiles;
        if (chosen.Count > 1)
            return AddressResult.Refused(
                $"several profiles may apply to it: {string.Join(", ", chosen.Select(profile => profile.Path))}. "
                    + "Remove those that are not needed."
            );

        var (place, file) = chosen[0];
        if (SectionText.First(file, "connection", Above) is { } above)
            return AddressResult.Refused($"{wanted.Name} is a part of {above}, which bears the address. Give the address to it.");

        if (wanted.OtherAdapters > 0 && !IsBound(file, wanted))
            return AddressResult.Refused($"{place} may apply to other adapters, too.");

        var was = SectionText.Value(file, "ipv4", "method") ?? "auto";
        if (was is not ("auto" or "manual" or "disabled" or "link-local") && wanted.AsksV4)
            return AddressResult.Refused($"{place} has the method {was}.");

        Change(file, wanted);
        return new AddressResult([(place, file.Text)]) { WasDhcp = was == "auto" };
    }

    public override AddressResult? Create(GuestTree files, WantedAddresses wanted)
    {
        if (wanted.Adapter is null || files.Program("NetworkManager") is null || !files.FolderExists("/etc/NetworkManager"))
            return null;

        var file = ConfigSections.Parse(
            $"[connection]\nid={wanted.Name}\ntype=ethernet\ninterface-name={wanted.Name}\n\n"
                + "[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=auto\n"
        );
        Change(file, wanted);
        // Without a profile NetworkManager asks a DHCP server.
        return new AddressResult([($"{Folder}/linuxp2v-{wanted.Name}.nmconnection", file.Text)]) { WasDhcp = true };
    }

    private static void Change(ConfigSections file, WantedAddresses wanted)
    {
        if (wanted.AsksV4)
            Change(file, "ipv4", wanted.V4, wanted.Gateway4, wanted.Dns);
        else
            TakeFixed(file, "ipv4", "disabled");

        if (wanted.AsksV6)
            Change(file, "ipv6", wanted.V6, wanted.Gateway6, wanted.Dns);
        else
            TakeFixed(file, "ipv6", "auto");

        SectionText.Replace(file, "connection", line => line is { Key: "autoconnect", Value: "false" }, []);
    }

    private static void Change(
        ConfigSections file,
        string section,
        IReadOnlyList<WantedAddress> addresses,
        string? gateway,
        IReadOnlyList<string> servers
    )
    {
        var own = servers.Where(server => WantedAddress.IsOfV6(server) == (section == "ipv6")).ToList();
        List<string> lines = [$"method={(addresses.Count > 0 ? "manual" : "auto")}"];
        // Of all versions the first address may have the gateway behind it.
        lines.AddRange(
            addresses.Select(
                (address, index) => $"address{index + 1}={address.Text}{(index == 0 && gateway is not null ? "," + gateway : "")}"
            )
        );
        if (own.Count > 0)
            lines.Add($"dns={string.Concat(own.Select(server => server + ";"))}");

        SectionText.Replace(
            file,
            section,
            line =>
                line.Key == "method"
                || IsAddress(line)
                || (line.Key == "dns" && servers.Count > 0)
                || (line.Key == "never-default" && gateway is not null),
            lines
        );
    }

    private static void TakeFixed(ConfigSections file, string section, string method)
    {
        var before = SectionText.Value(file, section, "method");
        var isFixed = before == "manual";
        // What others get of this machine is none of its own addresses.
        SectionText.Replace(
            file,
            section,
            line => (isFixed && line.Key == "method") || (before != "shared" && IsAddress(line)),
            isFixed ? [$"method={method}"] : []
        );
    }

    private static bool IsAddress(ConfigLine line) =>
        line.Key is "gateway" or "addresses"
        || line.Key!.StartsWith("address", StringComparison.Ordinal) && line.Key.Skip(7).All(char.IsDigit);

    private static bool Has(string? value) => !string.IsNullOrEmpty(value);

    private static List<(string Path, ConfigSections File)> Profiles(GuestTree files, string folder, WantedAddresses wanted) =>
        [
            .. files
                .Files(folder)
                .Select(path => (Path: path, File: ConfigSections.Parse(ConfigurationText.Read(files, path))))
                .Where(profile => AppliesTo(profile.File, wanted)),
        ];

    /// <summary>By a name or an address that only this interface has.</summary>
    private static bool IsBound(ConfigSections file, WantedAddresses wanted) =>
        wanted.Adapter is null
        || SectionText.Value(file, "connection", "interface-name") == wanted.Name
        || MacSections.Any(section => Has(SectionText.Value(file, section, "mac-address")))
        || SectionText.Value(file, "match", "interface-name")?.Trim(';', ' ') == wanted.Name;

    private static bool AppliesTo(ConfigSections file, WantedAddresses wanted)
    {
        if (SectionText.Value(file, "connection", "type") is not { } type || !Types.Contains(type))
            return false;

        var name = SectionText.Value(file, "connection", "interface-name") ?? SectionText.Value(file, type, "interface-name");
        if (Has(name))
            return name == wanted.Name;

        if (wanted.Adapter is not { } adapter || type is not ("ethernet" or "802-3-ethernet"))
            return false;

        var addresses = MacSections.Select(section => SectionText.Value(file, section, "mac-address")).Where(Has).ToList();
        if (addresses.Count > 0)
            return addresses.Exists(value => AddressNames.Names($"mac-address={value}", adapter));

        var names = SectionText.Value(file, "match", "interface-name");
        return Has(names)
            ? names!.Split(';').Any(pattern => ShellPattern.Matches(wanted.Name, pattern.Trim()))
            // It applies to any adapter.
            : true;
    }
}
