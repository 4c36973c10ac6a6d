using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Network;

/// <summary>Has the copy's own programs read what was changed, where it has programs that only read.</summary>
internal sealed class NetworkCheckStep : IGuestStep
{
    private const string RulesFolder = "/etc/udev/rules.d/";
    private const string ProfilesFolder = "/etc/NetworkManager/system-connections/";

    /// <summary>The first systemd whose udevadm checks rules.</summary>
    private const int FirstWithVerify = 254;

    private static readonly string[] NetplanGenerators =
    [
        "/usr/libexec/netplan/generate",
        "/usr/lib/netplan/generate",
        "/lib/netplan/generate",
    ];

    public string Concern => "Network";

    public void Plan(GuestContext context)
    {
        var concern = Concern;
        var changed = context.Changes.OfType<FileText>().Where(change => change.Concern == concern).Select(change => change.Path).ToList();
        if (changed.Any(path => path.StartsWith("/etc/netplan/", StringComparison.Ordinal)))
        {
            // It writes below /run alone, which is empty again at the next start.
            if (NetplanGenerators.FirstOrDefault(context.Files.FileExists) is { } generator)
                context.Run(new ConfigurationCheck(concern, "/etc/netplan", generator, []) { HoldsSecrets = true });
        }

        if (context.Files.Program("nmcli") is not null)
        {
            foreach (var path in changed.Where(path => path.StartsWith(ProfilesFolder, StringComparison.Ordinal)))
                context.Run(OfProfile(context, concern, path));
        }

        if (LinkFiles.SystemdVersion(context.Files) >= FirstWithVerify && context.Files.Program("udevadm") is not null)
        {
            foreach (var path in changed.Where(path => path.StartsWith(RulesFolder, StringComparison.Ordinal)))
                context.Run(new ConfigurationCheck(concern, path, "udevadm", ["verify", "--resolve-names=never", "--no-style", path]));
        }
    }

    /// <summary>
    /// nmcli since 1.40 reads a profile without NetworkManager, and prints it as that understands it. Something must be
    /// changed, so the zone that it has not is taken away.
    /// </summary>
    private static ConfigurationCheck OfProfile(GuestContext context, string concern, string path)
    {
        var text = string.Join(
            "\n",
            context.Files.ReadText(path).Split('\n').Where(line => !line.StartsWith("#", StringComparison.Ordinal))
        );
        return new ConfigurationCheck(concern, path, "nmcli", ["--offline", "connection", "modify", "connection.zone", ""])
        {
            Input = path,
            MustPrint =
            [
                .. context
                    .Options.Adapters.Select(adapter => adapter.TargetMac)
                    .OfType<string>()
                    .Where(mac => MacText.Names(text, mac))
                    .Select(mac => mac.ToUpperInvariant()),
            ],
            CannotCheck = "'--offline' is unknown",
            HoldsSecrets = true,
        };
    }
}
