using System.Net;
using System.Net.Sockets;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Startup;

/// <summary>
/// The helper's own addresses: DHCP and router advertisements on every adapter, or the given ones on the first that
/// has a link.
/// </summary>
internal static class HelperNetworkSetup
{
    private const string AdapterFolder = "/sys/class/net";
    private static readonly TimeSpan LinkLimit = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan AddressLimit = TimeSpan.FromSeconds(8);

    /// <returns>The addresses that others can reach it by, without prefix length; IPv4 first.</returns>
    /// <exception cref="AgentException">HelperAddressNotObtained.</exception>
    public static async Task<IReadOnlyList<string>> ConfigureAsync(HelperNetwork network, CancellationToken cancellationToken)
    {
        var adapters = Adapters();
        if (adapters.Count == 0)
            throw NotObtained("it has no network adapter that it has a driver for");

        foreach (var adapter in adapters)
        {
            string[] mtu = network.Mtu is { } value ? ["mtu", $"{value}"] : [];
            await Tool.RunAsync("ip", ["link", "set", "dev", adapter, .. mtu, "up"], cancellationToken);
        }

        if (network.Addresses.Count > 0)
            await SetStaticAsync(await FirstWithLinkAsync(adapters, cancellationToken), network, cancellationToken);
        else
            await Task.WhenAll(adapters.Select(adapter => AskDhcpAsync(adapter, cancellationToken)));

        if (network.DnsServers.Count > 0)
            await File.WriteAllLinesAsync(
                "/etc/resolv.conf",
                network.DnsServers.Select(server => $"nameserver {server}"),
                cancellationToken
            );

        return await AddressesAsync(adapters, network, cancellationToken);
    }

    /// <summary>The adapters with a device behind them, in the kernel's order.</summary>
    private static List<string> Adapters() =>
        [
            .. Directory
                .GetDirectories(AdapterFolder)
                .Where(folder =>
                    Directory.Exists(Path.Combine(folder, "device")) && File.ReadAllText(Path.Combine(folder, "type")).Trim() == "1"
                )
                .Select(folder => Path.GetFileName(folder)!)
                .OrderBy(name => name.Length)
                .ThenBy(name => name, StringComparer.Ordinal),
        ];

    private static async Task<string> FirstWithLinkAsync(List<string> adapters, CancellationToken cancellationToken)
    {
        var start = Environment.TickCount64;
        while (Environment.TickCount64 - start < LinkLimit.TotalMilliseconds)
        {
            if (adapters.FirstOrDefault(HasLink) is { } found)
                return found;

            await Task.Delay(100, cancellationToken);
        }

        throw NotObtained($"none of its adapters ({string.Join(", ", adapters)}) has a link");
    }

    private static bool HasLink(string adapter)
    {
        try
        {
            return File.ReadAllText(Path.Combine(AdapterFolder, adapter, "carrier")).Trim() == "1";
        }
        catch (IOException)
        {
            // The kernel refuses to tell for an adapter that is down.
            return false;
        }
    }

    private static async Task SetStaticAsync(string adapter, HelperNetwork network, CancellationToken cancellationToken)
    {
        foreach (var address in network.Addresses)
        {
            // nodad: its own address is usable at once; the admin chose it.
            string[] quick = address.Contains(':', StringComparison.Ordinal) ? ["nodad"] : [];
            (await Tool.RunAsync("ip", ["address", "replace", address, "dev", adapter, .. quick], cancellationToken)).OrThrow(
                ErrorIds.HelperAddressNotObtained,
                $"The helper cannot take the address {address}.",
                "Give an address with its prefix length, such as 192.0.2.10/24."
            );
        }

        foreach (var gateway in network.Gateways)
        {
            (
                await Tool.RunAsync("ip", ["route", "replace", "default", "via", gateway, "dev", adapter, "onlink"], cancellationToken)
            ).OrThrow(
                ErrorIds.HelperAddressNotObtained,
                $"The helper cannot take the gateway {gateway}.",
                "Give the gateway's address in the same family as one of the addresses."
            );
        }
    }

    /// <summary>Goes to the background with a lease and renews it: a long copy outlives one. Without a lease it ends.</summary>
    private static Task<ToolResult> AskDhcpAsync(string adapter, CancellationToken cancellationToken) =>
        Tool.RunAsync("busybox", ["udhcpc", "-i", adapter, "-n", "-S", "-t", "4", "-T", "2"], cancellationToken);

    private static async Task<IReadOnlyList<string>> AddressesAsync(
        List<string> adapters,
        HelperNetwork network,
        CancellationToken cancellationToken
    )
    {
        var start = Environment.TickCount64;
        while (true)
        {
            var listing = await Tool.RunAsync("ip", ["-o", "address", "show", "scope", "global", "-tentative"], cancellationToken);
            var found = Parse(listing.Output, adapters);
            if (found.Count > 0)
                return found;

            // A router advertisement may still come.
            if (Environment.TickCount64 - start > AddressLimit.TotalMilliseconds)
            {
                throw NotObtained(
                    network.Addresses.Count > 0
                        ? "the kernel did not take the given ones"
                        : $"no DHCP server and no router answered on {string.Join(", ", adapters)}"
                );
            }

            await Task.Delay(250, cancellationToken);
        }
    }

    /// <summary>Lines of <c>ip -o address</c>: "2: eth0    inet 192.0.2.10/24 brd …".</summary>
    internal static List<string> Parse(string listing, IReadOnlyList<string> adapters) =>
        [
            .. listing
                .Split('\n')
                .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields.Length > 3 && adapters.Contains(fields[1]) && fields[2] is "inet" or "inet6")
                .Select(fields => fields[3].Split('/')[0])
                .Where(text => IPAddress.TryParse(text, out _))
                .OrderBy(text => IPAddress.Parse(text).AddressFamily == AddressFamily.InterNetwork ? 0 : 1),
        ];

    private static AgentException NotObtained(string why) =>
        new(
            ErrorIds.HelperAddressNotObtained,
            $"The helper has no network address: {why}.",
            "Connect the VM to a network with DHCP, or give the helper a fixed address (-HelperNetwork)."
        );
}
