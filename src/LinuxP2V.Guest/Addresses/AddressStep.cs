using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Addresses;

/// <summary>
/// Gives interfaces the addresses that were asked for, in the files that configure them. A leftover of another format may
/// configure an interface too: it gets the same addresses, so that it does not matter which of them counts.
/// </summary>
internal sealed class AddressStep : IGuestStep
{
    private const string Refused = "GuestAddressNotPossible";
    private const string Doubtful = "GuestAddress";
    private const string Why = "the copy gets other addresses than the source";
    private const string ResolverFile = "/etc/resolv.conf";
    private const string SetItInTheVm = "Leave the interface out of -IPAddress, and set its address in the VM.";

    private static readonly IReadOnlyList<AddressFormat> Formats =
    [
        new NetplanFormat(),
        new IfupdownFormat(),
        new NetworkManagerFormat(),
        new RedHatFormat(),
        new SuseFormat(),
        new NetworkdFormat(),
        new OtherFormats(),
    ];

    private static readonly Regex NameServer = new(
        @"^[ \t]*nameserver[ \t]+(?<server>\S+)",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    public string Concern => "Network";

    public void Plan(GuestContext context)
    {
        foreach (var asked in context.Options.Addresses)
        {
            try
            {
                Plan(context, new WantedAddresses(asked, context.Options.Adapters));
            }
            catch (ConfigurationTooLongException exception)
            {
                context.Fail(Refused, asked.Name, $"The addresses of {asked.Name} cannot be written: {exception.Message}", SetItInTheVm);
            }
        }

        NamedAddresses.Report(context);
        var servers = context.Options.Addresses.SelectMany(asked => asked.DnsServers).Distinct().ToList();
        if (servers.Count > 0)
            WriteResolver(context, servers);
    }

    private void Plan(GuestContext context, WantedAddresses wanted)
    {
        var results = Formats
            .Select(format => (Format: format, Result: format.Change(context.Files, wanted)))
            .Where(found => found.Result is not null)
            .ToList();
        if (results.Count == 0)
        {
            results =
            [
                .. Formats
                    .Select(format => (Format: format, Result: format.Create(context.Files, wanted)))
                    .Where(made => made.Result is not null)
                    .Take(1),
            ];
        }

        if (results.Count == 0)
        {
            context.Fail(
                Refused,
                wanted.Name,
                $"No file that LinuxP2V knows configures {wanted.Name}, so its address cannot be changed.",
                SetItInTheVm
            );
            return;
        }

        foreach (var (format, result) in results)
        {
            if (result!.Refusal is { } refusal)
            {
                context.Fail(
                    Refused,
                    wanted.Name,
                    $"The addresses of {wanted.Name} cannot be written ({format.Name}): {refusal}",
                    SetItInTheVm
                );
                continue;
            }

            foreach (var (path, text) in result.Files)
                context.Write(Concern, path, text, wanted.What, Why, isPrivate: format.HasPrivateFiles);

            foreach (var doubt in result.Doubts)
                context.Warn(Doubtful, wanted.Name, doubt, "Look at the network's configuration after the VM's first start.");
        }

        if (wanted.V4.Count > 0 && wanted.Dns.Count == 0 && results.Exists(found => found.Result!.WasDhcp))
            context.Warn(
                "NameServersFromDhcp",
                wanted.Name,
                $"{wanted.Name} got its address by DHCP and gets a fixed one: name servers that "
                    + "DHCP brought along are not asked for any more.",
                "Give -DnsServer, unless the copy knows its name servers in another way."
            );
    }

    /// <summary>A link leads to what a program writes. A resolver of the machine's own asks whom it is told to ask.</summary>
    private void WriteResolver(GuestContext context, List<string> servers)
    {
        if (context.Files.Entry(ResolverFile) is not { Kind: EntryKind.File })
            return;

        var text = ConfigurationLines.OfUsualLength(context.Files.ReadText(ResolverFile));
        var before = NameServer.Matches(text).Cast<Match>().Select(match => match.Groups["server"].Value).ToList();
        if (before.Count > 0 && before.TrueForAll(IsLoopback))
        {
            context.Warn(
                Doubtful,
                ResolverFile,
                $"{ResolverFile} names a resolver of the machine's own ({string.Join(", ", before)}), "
                    + "which asks whom its own configuration names.",
                "See that it can ask these servers in the new network."
            );
            return;
        }

        var lines = text.TrimEnd('\n').Split('\n').ToList();
        var first = lines.FindIndex(line => NameServer.IsMatch(line));
        lines.RemoveAll(line => NameServer.IsMatch(line));
        lines.InsertRange(first < 0 ? lines.Count : first, servers.Select(server => $"nameserver {server}"));
        context.Write(
            Concern,
            ResolverFile,
            string.Join("\n", lines.Where((line, index) => index > 0 || line.Length > 0)) + "\n",
            $"names {string.Join(", ", servers)}",
            Why
        );
    }

    private static bool IsLoopback(string address) => address.StartsWith("127.", StringComparison.Ordinal) || address == "::1";
}
