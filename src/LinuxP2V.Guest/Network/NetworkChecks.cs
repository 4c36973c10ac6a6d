using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Network;

/// <summary>Has the copy's own programs read what was changed, where it has programs that only read.</summary>
internal static class NetworkChecks
{
    private const string RulesFolder = "/etc/udev/rules.d/";

    /// <summary>The first systemd whose udevadm checks rules.</summary>
    private const int FirstWithVerify = 254;

    private static readonly string[] NetplanGenerators =
    [
        "/usr/libexec/netplan/generate",
        "/usr/lib/netplan/generate",
        "/lib/netplan/generate",
    ];

    public static void Plan(GuestContext context, string concern)
    {
        var changed = context.Changes.OfType<FileText>().Where(change => change.Concern == concern).Select(change => change.Path).ToList();
        if (changed.Any(path => path.StartsWith("/etc/netplan/", StringComparison.Ordinal)))
        {
            // It writes below /run alone, which is empty again at the next start.
            if (NetplanGenerators.FirstOrDefault(context.Files.FileExists) is { } generator)
                context.Run(new ConfigurationCheck(concern, "/etc/netplan", generator, []));
        }

        if (LinkFiles.SystemdVersion(context.Files) >= FirstWithVerify && context.Files.Program("udevadm") is not null)
        {
            foreach (var path in changed.Where(path => path.StartsWith(RulesFolder, StringComparison.Ordinal)))
                context.Run(new ConfigurationCheck(concern, path, "udevadm", ["verify", "--resolve-names=never", "--no-style", path]));
        }
    }
}
