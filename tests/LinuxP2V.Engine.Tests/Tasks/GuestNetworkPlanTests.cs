using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Engine.Tests.Tasks.SampleSources;

namespace LinuxP2V.Engine.Tests.Tasks;

/// <summary>Networks by adapter, and other addresses for the copy.</summary>
public sealed class GuestNetworkPlanTests
{
    private const string Mac0 = "52:54:00:00:00:01";
    private const string Mac1 = "52:54:00:00:00:02";

    private static readonly SourceFacts Facts = TwoDiskLvm().Build() with
    {
        Network = new NetworkFacts
        {
            Adapters =
            [
                Adapter("eth0", Mac0, true, "192.0.2.10/24", "2001:db8::10/64"),
                Adapter("eth1", Mac1, true, "198.51.100.10/24"),
                Adapter("bond0", "52:54:00:00:00:03", false, "203.0.113.10/24"),
            ],
            Routes = [new RouteFacts("default", "192.0.2.1", "eth0"), new RouteFacts("default", "fe80::1", "eth0")],
        },
    };

    [Fact]
    public void Each_adapter_gets_its_network_by_name_or_by_address()
    {
        var task = Plan(Mapping(("eth1", "Backup"), (Mac0.ToUpperInvariant().Replace(':', '-'), "VM Network")));
        Assert.Equal(["VM Network", "Backup"], task.Plan.Machine.Adapters.Select(adapter => adapter.Network));
        Assert.Equal(["eth0", "eth1"], task.Plan.Adapters.Select(adapter => adapter.Name));
    }

    [Theory]
    [InlineData("eth0=a", "no network for eth1 (52:54:00:00:00:02)")]
    [InlineData("eth0=a;eth1=b;eth2=c", "'eth2', which the source does not have")]
    [InlineData("eth0=a;eth1=b;bond0=c", "'bond0', which the source does not have")]
    [InlineData("eth0=a;52:54:00:00:00:01=b", "names eth0 twice")]
    [InlineData("eth0=a;eth1= ", "no network for eth1")]
    public void A_mapping_that_fits_not_all_adapters_is_refused(string mapping, string message)
    {
        var failure = Failure(Mapping([.. mapping.Split(';').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Remedy);
    }

    [Fact]
    public void Names_and_a_mapping_at_once_are_refused() =>
        Assert.Contains(
            "both say",
            Failure(Mapping(("eth0", "a"), ("eth1", "b")) with { NetworkNames = ["c"] }).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Addresses_reach_the_reconfiguration_in_one_way_of_writing()
    {
        var task = Plan(
            Addresses(
                ["203.0.113.1", "fe80::1"],
                ["2001:DB8:0::53", "192.0.2.53"],
                ("eth0", ["DHCP", "2001:DB8:1::0010/64"]),
                ("bond0", ["203.0.113.9/24"])
            )
        );
        var asked = ReconfigurationInput.Of(task, []).Addresses;
        Assert.Equal(["eth0", "bond0"], asked.Select(one => one.Name));
        Assert.Equal([true, false], asked.Select(one => one.Dhcp));
        Assert.Equal(["2001:db8:1::10/64"], asked[0].Addresses);
        Assert.Equal(["fe80::1"], asked[0].Gateways);
        Assert.Equal(["192.0.2.10", "2001:db8::10"], asked[0].Left);
        Assert.Empty(Assert.Single(Plan(Addresses([], [], ("eth1", ["198.51.100.10/25"]))).Plan.Addresses).Left);
        Assert.Equal(["203.0.113.1"], asked[1].Gateways);
        Assert.Equal(["2001:db8::53", "192.0.2.53"], asked[1].DnsServers);
        // Null and empty are the same to an older helper's task.
        Assert.Empty(ReconfigurationInput.Of(Plan(new TaskSettings()), []).Addresses);
        Assert.Equal(TaskJson.Serialize(task), TaskJson.Serialize(TaskJson.Deserialize(TaskJson.Serialize(task))));
    }

    [Fact]
    public void An_adapter_can_be_named_by_its_address() =>
        Assert.Equal("eth1", Assert.Single(Plan(Addresses([], [], (Mac1, ["198.51.100.77/24"]))).Plan.Addresses).Name);

    [Fact]
    public void The_sources_gateway_stays_where_the_new_address_reaches_it_and_else_is_missed()
    {
        Assert.Equal(["192.0.2.1"], Assert.Single(Plan(Addresses([], [], ("eth0", ["192.0.2.77/24"]))).Plan.Addresses).Gateways);
        var settings = Addresses([], [], ("eth0", ["203.0.114.77/24"]));
        Assert.Empty(Assert.Single(Plan(settings).Plan.Addresses).Gateways);
        var finding = Assert.Single(ConversionPlanner.Check(Facts, settings, VSphere), finding => finding.Id == "DefaultGatewayLost");
        Assert.Equal((FindingSeverity.Warning, "eth0"), (finding.Severity, finding.Subject));
        Assert.DoesNotContain(
            ConversionPlanner.Check(Facts, Addresses(["203.0.114.1"], [], ("eth0", ["203.0.114.77/24"])), VSphere),
            found => found.Id == "DefaultGatewayLost"
        );
    }

    [Theory]
    [InlineData("eth7=192.0.2.9/24", "", "'eth7', which the source does not have")]
    [InlineData("eth0=192.0.2.9", "", "no prefix length")]
    [InlineData("eth0=192.0.2.9/33", "", "no prefix length")]
    [InlineData("eth0=192.0.2.0/24", "", "of the net itself")]
    [InlineData("eth0=192.0.2.555/24", "", "no IP address")]
    [InlineData("eth0=127.0.0.1/8", "", "no address that a machine has")]
    [InlineData("eth0=fe80::9/64", "", "no address that a machine has")]
    [InlineData("eth0=dhcp,192.0.2.9/24", "", "both 'dhcp' and a fixed address")]
    [InlineData("eth0=", "", "no address for eth0")]
    [InlineData("eth0=192.0.2.9/24;eth1=192.0.2.9/24", "", "gives the address 192.0.2.9 twice")]
    [InlineData("eth0=198.51.100.10/24", "", "than eth1, which keeps it")]
    [InlineData("eth0=192.0.2.9/24;52:54:00:00:00:01=dhcp", "", "names eth0 twice")]
    [InlineData("eth0=192.0.2.9/24", "198.51.100.1", "lies in no subnet")]
    [InlineData("eth0=192.0.2.9/24", "192.0.2.9", "an address of the copy itself")]
    [InlineData("eth0=192.0.2.9/24", "192.0.2.1,192.0.2.2", "names 192.0.2.1 and 192.0.2.2")]
    [InlineData("eth0=192.0.2.9/24;eth1=192.0.2.8/24", "192.0.2.1", "can be reached by eth0 and by eth1")]
    [InlineData("eth0=dhcp", "192.0.2.1", "lies in no subnet")]
    [InlineData("", "192.0.2.1", "-Gateway stands alone")]
    public void What_cannot_be_is_refused(string addresses, string gateways, string message)
    {
        var failure = Failure(
            Addresses(
                [.. gateways.Split(',', StringSplitOptions.RemoveEmptyEntries)],
                [],
                [
                    .. addresses
                        .Split(';', StringSplitOptions.RemoveEmptyEntries)
                        .Select(pair =>
                            (pair[..pair.IndexOf('=')], pair[(pair.IndexOf('=') + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries))
                        ),
                ]
            )
        );
        Assert.Equal(ErrorIds.PlanNotPossible, failure.ErrorId);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Remedy);
    }

    [Fact]
    public void Name_servers_need_a_fixed_address_and_a_copy_that_equals_its_source_has_its_addresses()
    {
        Assert.Contains("-DnsServer stands alone", Failure(Addresses([], ["192.0.2.53"])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "no interface gets a fixed address",
            Failure(Addresses([], ["192.0.2.53"], ("eth0", ["dhcp"]))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "-SkipReconfiguration",
            Failure(Addresses([], [], ("eth0", ["dhcp"])) with { SkipReconfiguration = true }).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_name_that_could_be_a_path_or_a_command_is_refused()
    {
        const string Name = "../x";
        var facts = Facts with { Network = new NetworkFacts { Adapters = [Adapter(Name, Mac0, true)] } };
        var failure = Assert.Throws<P2VException>(() =>
            ConversionPlanner.Plan(Endpoint, facts, Addresses([], [], (Name, ["192.0.2.9/24"])), VSphere)
        );
        Assert.Contains("cannot hold safely", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_tasks_cannot_have_one_address()
    {
        var task = Plan(Addresses([], [], ("eth0", ["192.0.2.77/24"])));
        var other = Plan(Addresses([], [], ("eth1", ["192.0.2.77/25"])) with { Name = "other" });
        var source = other with { Source = other.Source with { Host = "web02" } };
        var conflict = Assert.Single(TaskConflicts.Find([task, source]));
        Assert.Contains("the same address", conflict.Finding.What, StringComparison.Ordinal);
    }

    private static NetworkAdapterFacts Adapter(string name, string mac, bool isPhysical, params string[] addresses) =>
        new()
        {
            Name = name,
            MacAddress = mac,
            IsPhysical = isPhysical,
            IsUp = true,
            Addresses = addresses,
        };

    private static TaskSettings Mapping(params (string Adapter, string Network)[] pairs) =>
        new() { NetworkMappings = pairs.ToDictionary(pair => pair.Adapter, pair => pair.Network) };

    private static TaskSettings Addresses(string[] gateways, string[] servers, params (string Name, string[] Addresses)[] pairs) =>
        new()
        {
            GuestNetwork = new GuestNetwork
            {
                Addresses = pairs.ToDictionary(pair => pair.Name, pair => (IReadOnlyList<string>)pair.Addresses),
                Gateways = gateways,
                DnsServers = servers,
            },
        };

    private static ConversionTask Plan(TaskSettings settings) => ConversionPlanner.Plan(Endpoint, Facts, settings, VSphere);

    private static P2VException Failure(TaskSettings settings) => Assert.Throws<P2VException>(() => Plan(settings));
}
