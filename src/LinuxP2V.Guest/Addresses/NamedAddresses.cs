using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Addresses;

/// <summary>
/// Files that name an address of the source besides the network's configuration: what is in them is the admin's to change. An
/// SSH server that listens at an address which is not there does not start.
/// </summary>
internal static class NamedAddresses
{
    private static readonly string[] Files = ["/etc/hosts", "/etc/ssh/sshd_config", "/etc/default/grub", "/etc/kernel/cmdline"];

    private static readonly (string Folder, string Pattern)[] Folders =
    [
        ("/etc/ssh/sshd_config.d", "*.conf"),
        ("/boot/loader/entries", "*.conf"),
        ("/etc/cmdline.d", "*.conf"),
    ];

    public static void Report(GuestContext context)
    {
        var left = context.Options.Addresses.SelectMany(one => one.Left.Select(address => (one.Name, Address: address))).ToList();
        if (left.Count == 0)
            return;

        foreach (var path in Files.Concat(Folders.SelectMany(place => context.Files.Files(place.Folder, place.Pattern))))
        {
            var text = ConfigurationLines.OfUsualLength(context.Files.TryReadText(path) ?? "");
            foreach (var (name, address) in left.Where(one => Names(text, one.Address)))
            {
                context.Warn(
                    "AddressNamedElsewhere",
                    path,
                    $"{path} names {address}, an address of {name} that the source has and the copy has not.",
                    "Change it in the copy, by a hook (New-P2VHook -Moment AfterReconfiguration) or in the VM."
                );
            }
        }
    }

    /// <summary>As a whole, and in no comment. Behind an address of IPv4 a colon and a port may stand.</summary>
    private static bool Names(string text, string address)
    {
        var more = WantedAddress.IsOfV6(address) ? ":" : @"\.[0-9]";
        return Regex.IsMatch(
            text,
            $@"^(?![ \t]*#)[^\n]*?(?<![0-9A-Fa-f.:]){Regex.Escape(address)}(?![0-9A-Fa-f]|{more})",
            RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.IgnoreCase
        );
    }
}
