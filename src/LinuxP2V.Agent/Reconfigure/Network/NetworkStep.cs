using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Network;

/// <summary>
/// The adapters keep their names, and with the names everything that is tied to them: addresses, firewall zones, routes.
/// Old addresses become the VM's in every network manager's files.
/// </summary>
internal sealed class NetworkStep : IReconfigureStep
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

    public bool Detect(ReconfigureContext context) => context.Options.Adapters.Count > 0;

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var adapters = context.Options.Adapters;
        var changes = new List<PlannedChange>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Places.SelectMany(place => context.Files.Files(place.Folder, place.Pattern)))
        {
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
                    context.Warn(
                        $"{path} matches an adapter by a slot of the source's hardware, which the VM does not have; it will not apply."
                    );
                }
            }

            if (what is not null)
            {
                texts[path] = result;
                changes.Add(context.Edit(path, result, what, "the source's adapters are not in the VM"));
            }

            WarnOfOldAddresses(context, path, text);
        }

        Pin(context, changes, texts);
        return Task.FromResult<IReadOnlyList<PlannedChange>>(changes);
    }

    private static void Pin(ReconfigureContext context, List<PlannedChange> changes, Dictionary<string, string> texts)
    {
        var known = context.Options.Adapters.Where(adapter => adapter.TargetMac is not null).ToList();
        foreach (var adapter in context.Options.Adapters.Except(known))
        {
            context.Warn(
                $"The address of the adapter that takes the place of {adapter.SourceName} ({adapter.SourceMac}) is not known; its name cannot be kept, and its configuration may not apply."
            );
        }

        if (known.Count(adapter => adapter.SourceName.StartsWith("eth", StringComparison.Ordinal)) > 1)
        {
            context.Warn(
                "Several adapters are named ethN, as the kernel names them itself: should their order in the VM differ, a name may not be free when it is wanted."
            );
        }

        if (LinkFiles.UsesLinks(context.Files))
        {
            changes.AddRange(
                known.Select(adapter =>
                    context.Edit(
                        LinkFiles.LinkPath(adapter),
                        LinkFiles.LinkText(adapter),
                        $"names {adapter.TargetMac} {adapter.SourceName}",
                        "the VM's slots would give it another name"
                    )
                )
            );
            return;
        }

        var rules = texts.GetValueOrDefault(LinkFiles.RulesFile) ?? context.Files.TryReadText(LinkFiles.RulesFile) ?? "";
        var lines = known.Where(adapter => !MacText.Names(rules, adapter.TargetMac!)).ToList();
        if (lines.Count > 0)
        {
            var start = rules.Length == 0 || rules.EndsWith('\n') ? rules : rules + "\n";
            changes.Add(
                context.Edit(
                    LinkFiles.RulesFile,
                    start + string.Concat(lines.Select(LinkFiles.RuleLine)),
                    $"names {string.Join(", ", lines.Select(adapter => $"{adapter.TargetMac} {adapter.SourceName}"))}",
                    "the VM's adapters would get other names"
                )
            );
        }
    }

    private static void WarnOfOldAddresses(ReconfigureContext context, string path, string text)
    {
        foreach (
            var adapter in context.Options.Adapters.Where(adapter => adapter.TargetMac is null && MacText.Names(text, adapter.SourceMac))
        )
        {
            context.Warn(
                $"{path} names {adapter.SourceMac} ({adapter.SourceName}), whose successor's address is not known: put it there after the VM's first start."
            );
        }
    }
}
