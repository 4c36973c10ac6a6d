using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Network;

/// <summary>
/// The adapters keep their names, and with the names everything that is tied to them: addresses, firewall zones, routes.
/// Old addresses become the VM's in every network manager's files.
/// </summary>
internal sealed class NetworkStep : IGuestStep
{
    private static readonly (string Folder, string Pattern)[] Places =
    [
        ("/etc/network", "interfaces"),
        ("/etc/network/interfaces.d", "*"),
        ("/etc/netplan", "*.yaml"),
        ("/etc/NetworkManager/system-connections", "*"),
        ("/etc/NetworkManager/conf.d", "*.conf"),
        ("/etc/NetworkManager", "NetworkManager.conf"),
        ("/etc/sysconfig/network-scripts", "ifcfg-*"),
        ("/etc/sysconfig/network", "ifcfg-*"),
        ("/etc/systemd/network", "*.link"),
        ("/etc/systemd/network", "*.network"),
        ("/etc/systemd/network", "*.netdev"),
        ("/etc/udev/rules.d", "*.rules"),
    ];

    public string Concern => "Network";

    public void Plan(GuestContext context)
    {
        if (context.Options.Adapters.Count == 0)
            return;

        foreach (var path in Places.SelectMany(place => context.Files.Files(place.Folder, place.Pattern)).ToList())
            Rewrite(context, path);

        Pin(context);
    }

    private void Rewrite(GuestContext context, string path)
    {
        var adapters = context.Options.Adapters;
        var text = context.Files.ReadText(path);
        var (result, replaced) = MacText.Transform(text, adapters);
        var what = replaced.Count > 0 ? $"has the VM's address for {string.Join(", ", replaced)}" : null;
        if (path.StartsWith("/etc/systemd/network/", StringComparison.Ordinal) && MacText.HasPath(result))
        {
            if (adapters is [{ TargetMac: not null } only])
            {
                (result, _) = MacText.ReplacePath(result, only);
                what = $"matches {only.SourceName} by its address";
            }
            else
            {
                Warn(
                    context,
                    path,
                    $"{path} matches an adapter by a slot of the source's hardware, which the VM does not have; it will not apply."
                );
            }
        }

        if (what is not null)
            context.Write(Concern, path, result, what, "the source's adapters are not in the VM");

        foreach (var adapter in adapters.Where(adapter => adapter.TargetMac is null && MacText.Names(text, adapter.SourceMac)))
            Warn(context, path, $"{path} names {adapter.SourceMac} ({adapter.SourceName}), whose successor's address is not known yet.");
    }

    private void Pin(GuestContext context)
    {
        var known = context.Options.Adapters.Where(adapter => adapter.TargetMac is not null).ToList();
        if (known.Count(adapter => adapter.SourceName.StartsWith("eth", StringComparison.Ordinal)) > 1)
        {
            Warn(
                context,
                "ethN",
                "Several adapters are named ethN, as the kernel names them itself: should their order in the VM differ, a name may not be "
                    + "free when it is wanted."
            );
        }

        if (LinkFiles.UsesLinks(context.Files))
        {
            foreach (var adapter in known)
            {
                context.Write(
                    Concern,
                    LinkFiles.LinkPath(adapter),
                    LinkFiles.LinkText(adapter),
                    $"names {adapter.TargetMac} {adapter.SourceName}",
                    "the VM's slots would give it another name"
                );
            }

            return;
        }

        var rules = context.Files.TryReadText(LinkFiles.RulesFile) ?? "";
        var lines = known.Where(adapter => !MacText.Names(rules, adapter.TargetMac!)).ToList();
        if (lines.Count > 0)
        {
            var start = rules.Length == 0 || rules.EndsWith("\n", StringComparison.Ordinal) ? rules : rules + "\n";
            context.Write(
                Concern,
                LinkFiles.RulesFile,
                start + string.Concat(lines.Select(LinkFiles.RuleLine)),
                $"names {string.Join(", ", lines.Select(adapter => $"{adapter.TargetMac} {adapter.SourceName}"))}",
                "the VM's adapters would get other names"
            );
        }
    }

    private static void Warn(GuestContext context, string subject, string what) =>
        context.Warn("NetworkConfiguration", subject, what, "Look at the network's configuration after the VM's first start.");
}
