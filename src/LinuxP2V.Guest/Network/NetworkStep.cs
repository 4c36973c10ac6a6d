using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Network;

/// <summary>
/// The adapters keep their names, and with the names everything that is tied to them: addresses, firewall zones, routes.
/// Old addresses become the VM's in every network manager's files, and matches by the source's hardware become ones by
/// address or name.
/// </summary>
internal sealed class NetworkStep : IGuestStep
{
    /// <summary>Bytes. What is longer is a program, not a text that names an address.</summary>
    private const int LongestScript = 1 << 20;

    private const string Why = "the source's adapters are not in the VM";

    public string Concern => "Network";

    public void Plan(GuestContext context)
    {
        if (context.Options.Adapters.Count == 0)
            return;

        var files = NetworkFiles.Find(context.Files);
        TopologyFindings.Add(context, files.Select(file => file.Path).Where(path => !NetworkFiles.IsOfPackage(path)));
        foreach (var (path, kind) in files)
        {
            if (NetworkFiles.IsOfPackage(path))
                Overrule(context, path);
            else
                Rewrite(context, path, kind);
        }

        foreach (var path in NetworkFiles.FindScripts(context.Files))
            LookAtScript(context, path);

        Pin(context);
    }

    /// <summary>
    /// A cloud's image configures its adapters by their driver, in a package's file. Such files also match tunnels and the
    /// like, so nothing is taken for certain that is not known.
    /// </summary>
    private void Overrule(GuestContext context, string path)
    {
        var adapters = context.Options.Adapters;
        var own = NetworkFiles.Overruling(path);
        // An admin's file of this name overrules the package's already.
        if (
            adapters.Any(adapter => adapter.SourceDriver is null)
            || context.Files.Entry(own) is not null
            || context.Files.Entry("/usr/local/lib/systemd/network/" + own.Substring(own.LastIndexOf('/') + 1)) is not null
        )
            return;

        var result = NetworkdText.Transform(context.Files.ReadText(path), isLink: false, new AdapterMatcher(adapters));
        if (result.What.Count > 0)
            context.Write(Concern, own, result.Text, string.Join("; ", result.What), Why);
    }

    private void Rewrite(GuestContext context, string path, NetworkFileKind kind)
    {
        var adapters = context.Options.Adapters;
        var old = context.Files.ReadText(path);
        var (text, replaced) = MacText.Transform(old, adapters);
        var result = Matches(path, kind, text, new AdapterMatcher(adapters));
        string[] addresses = replaced.Count > 0 ? [$"has the VM's address for {string.Join(", ", replaced)}"] : [];
        var what = string.Join("; ", addresses.Concat(result.What));
        var name = Renamed(path, adapters);
        if (name != path)
        {
            context.Write(Concern, name, result.Text, what.Length > 0 ? what : "made", Why);
            context.Remove(Concern, path, $"{name} takes its place");
        }
        else if (what.Length > 0)
        {
            context.Write(Concern, path, result.Text, what, Why);
        }

        foreach (var doubt in result.Doubts)
            Warn(
                context,
                path,
                $"{path} matches an adapter by the source's hardware, and which one is not certain; it will not apply in the VM: {doubt}"
            );

        foreach (var adapter in adapters.Where(adapter => adapter.TargetMac is null && MacText.Names(old, adapter.SourceMac)))
            Warn(context, path, $"{path} names {adapter.SourceMac} ({adapter.SourceName}), whose successor's address is not known yet.");
    }

    /// <summary>Old SUSE names the file after the adapter's address.</summary>
    private static string Renamed(string path, IReadOnlyList<AdapterMapping> adapters)
    {
        const string Start = "/ifcfg-eth-id-";
        var end = path.LastIndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return end < Start.Length ? path : path[..end] + MacText.Transform(path[end..], adapters).Text;
    }

    private static AdapterText Matches(string path, NetworkFileKind kind, string text, AdapterMatcher matcher) =>
        kind switch
        {
            NetworkFileKind.Networkd => NetworkdText.Transform(text, NetworkFiles.IsLink(path), matcher),
            NetworkFileKind.NetworkManager => NetworkManagerText.Transform(text, matcher),
            NetworkFileKind.Netplan => NetplanText.Transform(text, matcher),
            NetworkFileKind.Udev => UdevRuleText.Transform(text, matcher),
            _ => AdapterText.Unchanged(text),
        };

    /// <summary>What a script does with an address nobody can tell from its text.</summary>
    private static void LookAtScript(GuestContext context, string path)
    {
        if (context.Files.Length(path) > LongestScript)
            return;

        var text = context.Files.ReadText(path);
        var named = context.Options.Adapters.Where(adapter => MacText.Names(text, adapter.SourceMac)).ToList();
        if (named.Count > 0)
        {
            context.Warn(
                "ScriptNamesAdapter",
                path,
                $"{path} names the address of {string.Join(", ", named.Select(adapter => $"{adapter.SourceName} "
                    + $"({adapter.SourceMac})"))}, which "
                    + "is another one in the VM. Scripts are not changed.",
                "Change the address in the copy, or use the adapter's name, which stays."
            );
        }
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
                PinByLink(context, adapter);
        }
        else
        {
            PinByRules(context, known);
        }
    }

    private void PinByLink(GuestContext context, AdapterMapping adapter)
    {
        var settings = LinkSettings.Of(context.Files, adapter);
        var taken = settings.Lines.Count > 0 ? $", with the settings of {string.Join(", ", settings.Sources)}" : "";
        context.Write(
            Concern,
            LinkFiles.LinkPath(adapter, settings.FirstName),
            LinkFiles.LinkText(adapter, settings.Lines),
            $"names {adapter.TargetMac} {adapter.SourceName}{taken}",
            "the VM's slots would give it another name"
        );
    }

    private void PinByRules(GuestContext context, IReadOnlyList<AdapterMapping> known)
    {
        var rules = context.Files.TryReadText(LinkFiles.RulesFile) ?? "";
        var lines = known.Where(adapter => !MacText.Names(rules, adapter.TargetMac!)).ToList();
        if (lines.Count == 0)
            return;

        var start = rules.Length == 0 || rules.EndsWith("\n", StringComparison.Ordinal) ? rules : rules + "\n";
        context.Write(
            Concern,
            LinkFiles.RulesFile,
            start + string.Concat(lines.Select(LinkFiles.RuleLine)),
            $"names {string.Join(", ", lines.Select(adapter => $"{adapter.TargetMac} {adapter.SourceName}"))}",
            "the VM's adapters would get other names"
        );
    }

    private static void Warn(GuestContext context, string subject, string what) =>
        context.Warn("NetworkConfiguration", subject, what, "Look at the network's configuration after the VM's first start.");
}
