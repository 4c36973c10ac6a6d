using LinuxP2V.Guest.Network;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Addresses;

/// <summary>Other addresses in configurations as administrators write them.</summary>
public sealed class AddressTextTests
{
    private const string Mac = "3c:fd:fe:00:00:01";
    private const string Interfaces = "/etc/network/interfaces";
    private const string Profile = "/etc/NetworkManager/system-connections/a.nmconnection";
    private const string RedHat = "/etc/sysconfig/network-scripts/ifcfg-eth0";
    private const string Suse = "/etc/sysconfig/network/ifcfg-eth0";
    private const string Netplan = "/etc/netplan/a.yaml";
    private const string Networkd = "/etc/systemd/network/20-lan.network";

    private static readonly InterfaceAddresses Fixed = new("eth0") { Addresses = ["198.51.100.20/24"], Gateways = ["198.51.100.1"] };
    private static readonly InterfaceAddresses V6 = new("eth0") { Addresses = ["2001:db8:1::20/64"], Gateways = ["2001:db8:1::1"] };

    private static readonly InterfaceAddresses Several = new("eth0")
    {
        Addresses = ["198.51.100.20/24", "198.51.100.21/32", "2001:db8:1::20/64", "2001:db8:1::21/64"],
        Gateways = ["198.51.100.1", "fe80::1"],
        DnsServers = ["198.51.100.53", "2001:db8:1::53"],
    };

    [Fact]
    public void Ifupdown_keeps_comments_hooks_and_other_interfaces() =>
        Assert.Equal(
            """
            # our network
            auto lo eth0
            iface lo inet loopback

            iface eth0 inet static
                address 198.51.100.20
                netmask 255.255.255.0
                gateway 198.51.100.1
                # jumbo frames
                mtu 9000
                up ip rule add from all \
                  lookup 7

            # the backup
            iface eth1 inet static
                address 192.0.2.130/25

            """,
            Text(
                Fixed,
                Interfaces,
                """
                # our network
                auto lo eth0
                iface lo inet loopback

                iface eth0 inet static
                    address 192.0.2.10
                    netmask 255.255.255.0
                    # jumbo frames
                    mtu 9000
                    up ip rule add from all \
                      lookup 7
                    gateway 192.0.2.1

                # the backup
                iface eth1 inet static
                    address 192.0.2.130/25

                """
            )
        );

    [Fact]
    public void Ifupdown_writes_several_addresses_of_both_families_and_takes_what_is_too_many()
    {
        Assert.Equal(
            """
            auto eth0
            iface eth0 inet static
            	address 198.51.100.20
            	netmask 255.255.255.0
            	gateway 198.51.100.1
            	dns-nameservers 198.51.100.53 2001:db8:1::53
            iface eth0 inet static
            	address 198.51.100.21
            	netmask 255.255.255.255
            iface eth0 inet6 static
            	address 2001:db8:1::20
            	netmask 64
            	gateway fe80::1
            iface eth0 inet6 static
            	address 2001:db8:1::21
            	netmask 64

            """,
            Text(Several, Interfaces, "iface eth0 inet dhcp\niface eth0 inet6 auto\n")
        );
        Assert.Equal(
            "auto eth0\niface eth0 inet static\n\taddress 198.51.100.20/24\n\tgateway 198.51.100.1\n"
                + "iface eth0 inet manual\n\tup true\niface eth0 inet6 manual\n",
            Text(
                Fixed,
                Interfaces,
                "auto eth0\niface eth0 inet static\n\taddress 192.0.2.10/24\niface eth0 inet static\n\taddress 192.0.2.11/24\n\tup true\n"
                    + "iface eth0 inet6 static\n\taddress 2001:db8::10/64\n\tgateway 2001:db8::1\n"
            )
        );
    }

    [Fact]
    public void An_interface_of_ifupdown_that_was_not_started_is_started_and_one_without_a_stanza_gets_one()
    {
        Assert.StartsWith(
            "auto eth0\niface eth0 inet static\n",
            Text(Fixed, Interfaces, "iface eth0 inet manual\n"),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n\taddress 198.51.100.20\n\tnetmask 255.255.255.0\n"
                + "\tgateway 198.51.100.1\n",
            Text(Plan(Fixed, (Interfaces, "auto lo\niface lo inet loopback\n"), ("/sbin/ifup", "x")), Interfaces)
        );
    }

    [Fact]
    public void Files_that_interfaces_takes_in_are_written_and_others_are_not()
    {
        var plan = Plan(
            Fixed,
            (Interfaces, "source /etc/network/interfaces.d/*.cfg\n"),
            ("/etc/network/interfaces.d/eth0.cfg", "auto eth0\niface eth0 inet dhcp\n"),
            ("/etc/network/interfaces.d/eth0.old", "auto eth0\niface eth0 inet dhcp\n")
        );
        Assert.Equal(["/etc/network/interfaces.d/eth0.cfg"], Written(plan));
        Assert.Contains(plan.Findings, finding => finding.Id == "NameServersFromDhcp" && finding.Severity == FindingSeverity.Warning);
    }

    [Fact]
    public void NetworkManager_keeps_what_is_no_address() =>
        Assert.Equal(
            """
            [connection]
            id=a
            type=ethernet
            interface-name=eth0

            [ipv4]
            dns-search=example.com;
            method=manual
            address1=198.51.100.20/24,198.51.100.1
            address2=198.51.100.21/32
            dns=198.51.100.53;
            route1=203.0.113.0/24,192.0.2.2

            [ipv6]
            method=manual
            address1=2001:db8:1::20/64,fe80::1
            address2=2001:db8:1::21/64
            dns=2001:db8:1::53;

            """,
            Text(
                Several,
                Profile,
                """
                [connection]
                id=a
                type=ethernet
                interface-name=eth0
                autoconnect=false

                [ipv4]
                dns-search=example.com;
                address1=192.0.2.10/24,192.0.2.1
                address2=192.0.2.11/24
                dns=192.0.2.53;
                method=manual
                never-default=true
                route1=203.0.113.0/24,192.0.2.2
                """
            )
        );

    [Fact]
    public void NetworkManager_gives_a_family_that_is_not_asked_for_no_fixed_address()
    {
        const string Before =
            "[connection]\ntype=802-3-ethernet\n[802-3-ethernet]\nmac-address=3C:FD:FE:00:00:01\n[ipv4]\nmethod=manual\n"
            + "addresses=192.0.2.10;24;"
            + "192.0.2.1;\n[ipv6]\nmethod=manual\naddress1=2001:db8::10/64\n";
        var text = Text(Fixed, Profile, Before);
        Assert.EndsWith("[ipv6]\nmethod=auto\n", text, StringComparison.Ordinal);
        text = Text(V6, Profile, Before);
        Assert.Contains(
            "[ipv4]\nmethod=disabled\n[ipv6]\nmethod=manual\naddress1=2001:db8:1::20/64,2001:db8:1::1\n",
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Ifcfg_files_keep_their_way_of_writing()
    {
        Assert.Equal(
            """
            # ours
            DEVICE='eth0'
            BOOTPROTO='static'
            IPADDR='198.51.100.20'
            PREFIX='24'
            IPADDR1='198.51.100.21'
            PREFIX1='32'
            GATEWAY='198.51.100.1'
            DNS1='198.51.100.53'
            DNS2='2001:db8:1::53'
            ONBOOT='yes'
            MTU=9000
            IPV6INIT='yes'
            IPV6ADDR='2001:db8:1::20/64'
            IPV6ADDR_SECONDARIES='2001:db8:1::21/64'
            IPV6_DEFAULTGW='fe80::1'

            """,
            Text(
                Several,
                RedHat,
                """
                # ours
                DEVICE='eth0'
                BOOTPROTO='static'
                IPADDR0=192.0.2.10
                PREFIX0=24
                IPADDR1=192.0.2.11
                ONBOOT='no'
                GATEWAY0=192.0.2.1
                DNS1=192.0.2.53
                MTU=9000

                """
            )
        );
        Assert.Equal(
            "BOOTPROTO='dhcp4'\nIPADDR='2001:db8:1::20/64'\nSTARTMODE='auto'\n",
            Text(V6, Suse, "BOOTPROTO='dhcp'\nSTARTMODE='manual'\n")
        );
    }

    [Fact]
    public void A_gateway_for_all_interfaces_is_the_new_one_too()
    {
        var plan = Plan(
            Fixed,
            (RedHat, "DEVICE=eth0\nBOOTPROTO=none\nIPADDR=192.0.2.10\n"),
            ("/etc/sysconfig/network", "GATEWAY=192.0.2.1\n")
        );
        Assert.Equal("GATEWAY=198.51.100.1\n", Text(plan, "/etc/sysconfig/network"));
        plan = Plan(
            Fixed,
            (Suse, "BOOTPROTO='static'\nIPADDR='192.0.2.10/24'\n"),
            ("/etc/sysconfig/network/routes", "# ours\ndefault 192.0.2.1 - -\n203.0.113.0/24 192.0.2.2 - eth0\n")
        );
        Assert.Equal("# ours\ndefault 198.51.100.1 - -\n203.0.113.0/24 192.0.2.2 - eth0\n", Text(plan, "/etc/sysconfig/network/routes"));
    }

    [Theory]
    [InlineData(
        "network:\n  ethernets:\n    eth0: {dhcp4: true, optional: true} # x\n",
        "network:\n  ethernets:\n    eth0:\n      dhcp4: false\n      addresses:\n      - \"198.51.100.20/24\"\n      optional: true\n"
            + "      routes:\n      - to: \"0.0.0.0/0\"\n        via: \"198.51.100.1\"\n"
    )]
    [InlineData(
        "network:\n  version: 2\n  ethernets:\n    lan:\n      match: {name: eth0}\n      # ours\n"
            + "      addresses: [192.0.2.10/24, \"2001:db8::10/64\"]\n"
            + "      nameservers:\n        addresses: [192.0.2.53]\n        search: [example.com]\n      routes:\n        - to: default\n"
            + "          via: 192.0.2.1\n        - to: 203.0.113.0/24\n          via: 192.0.2.2\n      mtu: 9000\n  bridges: {}\n",
        "network:\n  version: 2\n  ethernets:\n    lan:\n      match: {name: eth0}\n      # ours\n      addresses:\n"
            + "      - \"198.51.100.20/24\"\n"
            + "      nameservers:\n        addresses: [192.0.2.53]\n        search: [example.com]\n      routes:\n"
            + "        - to: \"0.0.0.0/0\"\n"
            + "          via: \"198.51.100.1\"\n        - to: 203.0.113.0/24\n          via: 192.0.2.2\n      mtu: 9000\n  bridges: {}\n"
    )]
    public void Netplan_keeps_what_is_no_address(string before, string after) => Assert.Equal(after, Text(Fixed, Netplan, before));

    [Fact]
    public void Netplan_writes_several_addresses_and_name_servers() =>
        Assert.Equal(
            "network:\n  ethernets:\n    eth0:\n      dhcp4: false\n      dhcp6: false\n      addresses:\n      - \"198.51.100.20/24\"\n"
                + "      - \"198.51.100.21/32\"\n      - \"2001:db8:1::20/64\"\n      - \"2001:db8:1::21/64\"\n"
                + "      nameservers:\n        addresses:\n        - \"198.51.100.53\"\n        - \"2001:db8:1::53\"\n"
                + "        search: [a.b]\n"
                + "      routes:\n      - to: \"0.0.0.0/0\"\n        via: \"198.51.100.1\"\n      - to: \"::/0\"\n"
                + "        via: \"fe80::1\"\n",
            Text(
                Several,
                Netplan,
                "network:\n  ethernets:\n    eth0:\n      dhcp4: true\n      dhcp6: true\n      nameservers: {search: [a.b]}\n"
            )
        );

    [Theory]
    [InlineData(
        "[Match]\nName=eth0\n\n[Network]\n# ours\nDHCP=yes\nVLAN=eth0.7\n",
        "[Match]\nName=eth0\n\n[Network]\n# ours\nDHCP=ipv6\nAddress=198.51.100.20/24\nGateway=198.51.100.1\nVLAN=eth0.7\n"
    )]
    [InlineData(
        "[Match]\nMACAddress=3c:fd:fe:00:00:01\n[Network]\nAddress=192.0.2.10/24\n[Address]\nAddress=192.0.2.11/24\n"
            + "[Route]\nGateway=192.0.2.1\n"
            + "[Route]\nDestination=203.0.113.0/24\nGateway=192.0.2.2\n",
        "[Match]\nMACAddress=00:50:56:00:00:01\n[Network]\nAddress=198.51.100.20/24\nGateway=198.51.100.1\n"
            + "[Route]\nDestination=203.0.113.0/24\nGateway=192.0.2.2\n"
    )]
    public void Networkd_keeps_what_is_no_address(string before, string after) => Assert.Equal(after, Text(Fixed, Networkd, before));

    [Fact]
    public void A_file_of_networkd_for_several_interfaces_stays_and_one_comes_before_it()
    {
        var plan = Plan(
            Fixed,
            ("/etc/systemd/network/05-all.network", "[Match]\nType=ether\nName=e*\n[Network]\nDHCP=ipv4\nDomains=a.b\n")
        );
        Assert.Equal(
            "[Match]\nName=eth0\n[Network]\nDHCP=no\nAddress=198.51.100.20/24\nGateway=198.51.100.1\nDomains=a.b\n",
            Text(plan, "/etc/systemd/network/00-linuxp2v-eth0.network")
        );
        Assert.Equal(["/etc/systemd/network/00-linuxp2v-eth0.network"], Written(plan));
    }

    [Theory]
    [InlineData(Interfaces, "iface eth0 inet manual\n  bond-master bond0\n", "part of bond0")]
    [InlineData(Interfaces, "iface eth0 inet manual\niface br0 inet dhcp\n  bridge_ports eth0 eth1\n", "part of br0")]
    [InlineData(Interfaces, "iface eth0 inet static inherits lan\n", "takes its settings from elsewhere")]
    [InlineData(Interfaces, "iface eth0 inet ppp\n", "by the method ppp")]
    [InlineData(Interfaces, "mapping eth0\n  script /x\niface eth0 inet dhcp\n", "a script chooses")]
    [InlineData(Profile, "[connection]\ntype=ethernet\ninterface-name=eth0\nmaster=bond0\n", "part of bond0")]
    [InlineData(Profile, "[connection]\ntype=ethernet\n", "other adapters")]
    [InlineData(RedHat, "DEVICE=eth0\nMASTER=bond0\nSLAVE=yes\n", "part of bond0")]
    [InlineData(Networkd, "[Match]\nName=eth0\n[Network]\nBond=bond0\n", "part of bond0")]
    [InlineData(Netplan, "network:\n  ethernets:\n    eth0: {}\n  bonds:\n    bond0:\n      interfaces: [eth0, eth1]\n", "part of bond0")]
    [InlineData(Netplan, "network:\n  ethernets:\n    eth0: &lan\n      dhcp4: true\n", "not changed safely")]
    [InlineData(Netplan, "network: {ethernets: {eth0: {dhcp4: true}}}\n", "not changed safely")]
    [InlineData(
        Netplan,
        "network:\n  ethernets:\n    NM-1:\n      match: {name: eth0}\n      networkmanager: {uuid: x}\n",
        "NetworkManager"
    )]
    [InlineData("/etc/dhcpcd.conf", "interface eth0\nstatic ip_address=192.0.2.10/24\n", "dhcpcd.conf")]
    [InlineData("/etc/conf.d/net", "config_eth0=\"192.0.2.10/24\"\n", "conf.d/net")]
    [InlineData("/etc/wicked/ifconfig/lan.xml", "<interface><name>eth0</name></interface>\n", "lan.xml")]
    [InlineData("/usr/sbin/connmand", "x", "connman")]
    [InlineData("/etc/hostname", "x", "No file")]
    public void What_cannot_be_written_safely_is_an_error_before_the_copy(string path, string text, string why)
    {
        var plan = Plan(Fixed, (path, text));
        var finding = Assert.Single(plan.Errors);
        Assert.Equal(("GuestAddressNotPossible", "eth0"), (finding.Id, finding.Subject));
        Assert.Contains(why, finding.What, StringComparison.Ordinal);
        Assert.Empty(Written(plan));
    }

    [Theory]
    [InlineData(Interfaces, "auto eth0\niface eth0 inet static\n")]
    [InlineData(Netplan, "network:\n  ethernets:\n    eth0:\n      dhcp4: true\n")]
    [InlineData(Profile, "[connection]\ntype=ethernet\ninterface-name=eth0\n")]
    [InlineData(RedHat, "DEVICE=eth0\n")]
    [InlineData(Suse, "BOOTPROTO=dhcp\n")]
    [InlineData(Networkd, "[Match]\nName=eth0\n")]
    public void A_file_without_end_holds_no_plan_up_and_is_named(string path, string start)
    {
        var started = DateTime.UtcNow;
        foreach (var text in new[] { start + new string(' ', 4 << 20), string.Concat(Enumerable.Repeat(start, (4 << 20) / start.Length)) })
            Assert.Contains(path, Assert.Single(Plan(Fixed, (path, text)).Errors).What, StringComparison.Ordinal);

        // As long as is taken.
        _ = Plan(Fixed, (path, string.Concat(Enumerable.Repeat(start, (1 << 20) / start.Length))));
        Assert.InRange(DateTime.UtcNow - started, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void Several_that_may_apply_are_an_error_and_of_several_one_that_starts_is_taken()
    {
        const string One = "[connection]\ntype=ethernet\ninterface-name=eth0\n";
        const string Other = "/etc/NetworkManager/system-connections/b.nmconnection";
        Assert.Contains("b.nmconnection", Assert.Single(Plan(Fixed, (Profile, One), (Other, One)).Errors).What, StringComparison.Ordinal);
        Assert.Equal([Other], Written(Plan(Fixed, (Profile, One + "autoconnect=false\n"), (Other, One))));
        Assert.Single(
            Plan(
                Fixed,
                (Netplan, "network:\n  ethernets:\n    eth0: {}\n"),
                ("/etc/netplan/b.yaml", "network:\n  ethernets:\n    eth0: {}\n")
            ).Errors
        );
    }

    [Theory]
    [InlineData(
        Interfaces,
        "auto bond0\niface bond0 inet static\n\taddress 192.0.2.10/24\n\tbond-slaves eth0 eth1\n",
        "address 198.51.100.30/24"
    )]
    [InlineData(
        "/etc/sysconfig/network-scripts/ifcfg-bond0",
        "DEVICE=bond0\nBONDING_OPTS=\"mode=1\"\nIPADDR=192.0.2.10\n",
        "IPADDR=\"198.51.100.30\""
    )]
    [InlineData(Netplan, "network:\n  bonds:\n    bond0:\n      interfaces: [eth0]\n      dhcp4: true\n", "- \"198.51.100.30/24\"")]
    [InlineData(Profile, "[connection]\ntype=bond\ninterface-name=bond0\n[bond]\nmode=active-backup\n", "address1=198.51.100.30/24")]
    [InlineData(Networkd, "[Match]\nName=bond0\n[Network]\nDHCP=yes\n", "Address=198.51.100.30/24")]
    public void A_bond_bears_its_address_itself(string path, string before, string expected) =>
        Assert.Contains(
            expected,
            Text(new InterfaceAddresses("bond0") { Addresses = ["198.51.100.30/24"] }, path, before),
            StringComparison.Ordinal
        );

    [Fact]
    public void Two_formats_that_configure_an_interface_say_the_same()
    {
        var plan = Plan(Fixed, (Interfaces, "auto eth0\niface eth0 inet dhcp\n"), (RedHat, "DEVICE=eth0\nBOOTPROTO=dhcp\n"));
        Assert.Equal([Interfaces, RedHat], Written(plan));
    }

    [Fact]
    public void An_adapter_that_nothing_configures_gets_a_file_as_the_others_have()
    {
        var netplan = Plan(Fixed, (Netplan, "network:\n  ethernets:\n    eth1: {dhcp4: true}\n"));
        Assert.StartsWith(
            "network:\n  version: 2\n  ethernets:\n    eth0:\n      addresses:\n      - \"198.51.100.20/24\"\n",
            Text(netplan, "/etc/netplan/90-linuxp2v-eth0.yaml"),
            StringComparison.Ordinal
        );
        Assert.True(
            netplan.Changes.OfType<FileText>().Single(change => change.Path.StartsWith("/etc/netplan", StringComparison.Ordinal)).IsPrivate
        );
        Assert.Equal(
            "DEVICE=eth0\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=198.51.100.20\nNETMASK=255.255.255.0\nGATEWAY=198.51.100.1\n",
            Text(Plan(Fixed, ("/etc/sysconfig/network-scripts/ifcfg-eth1", "DEVICE=eth1\n")), RedHat)
        );
        var manager = Plan(Fixed, ("/usr/sbin/NetworkManager", "x"), ("/etc/NetworkManager/NetworkManager.conf", "[main]\n"));
        Assert.Contains(
            "interface-name=eth0\n\n[ipv4]\nmethod=manual\naddress1=198.51.100.20/24,198.51.100.1\n",
            Text(manager, "/etc/NetworkManager/system-connections/linuxp2v-eth0.nmconnection"),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(
        "search a.b\nnameserver 192.0.2.53\noptions rotate\nnameserver 192.0.2.54\n",
        "search a.b\nnameserver 198.51.100.53\nnameserver 2001:db8:1::53\noptions rotate\n"
    )]
    [InlineData("nameserver 127.0.0.1\n", null)]
    public void The_resolvers_file_names_the_servers_unless_the_machine_asks_itself(string before, string? after)
    {
        var plan = Plan(Several, (Interfaces, "auto eth0\niface eth0 inet dhcp\n"), ("/etc/resolv.conf", before));
        Assert.Equal(after, plan.Changes.OfType<FileText>().SingleOrDefault(change => change.Path == "/etc/resolv.conf")?.Text);
        Assert.Equal(after is null, plan.Findings.Any(finding => finding.Subject == "/etc/resolv.conf"));
    }

    [Theory]
    [InlineData("/etc/ssh/sshd_config", "Port 22\nListenAddress 192.0.2.10\n", true)]
    [InlineData("/etc/ssh/sshd_config", "ListenAddress 192.0.2.10:22\n", true)]
    [InlineData("/etc/ssh/sshd_config", "#ListenAddress 192.0.2.10\nListenAddress 192.0.2.101\n", false)]
    [InlineData("/etc/hosts", "192.0.2.10\tweb01\n", true)]
    [InlineData("/etc/hosts", "2001:DB8::10 web01\n", true)]
    [InlineData("/etc/hosts", "2001:db8::10:1 web01\n1192.0.2.10 x\n", false)]
    [InlineData("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"ip=192.0.2.10::192.0.2.1:255.255.255.0::eth0:none\"\n", true)]
    public void Files_that_name_an_address_that_is_left_behind_are_told(string path, string text, bool isTold)
    {
        var plan = Plan(
            Fixed with
            {
                Left = ["192.0.2.10", "2001:db8::10"],
            },
            (Interfaces, "auto eth0\niface eth0 inet static\n\taddress 192.0.2.10/24\n"),
            (path, text)
        );
        Assert.Empty(plan.Errors);
        Assert.Equal(
            isTold ? [path] : [],
            plan.Findings.Where(finding => finding.Id == "AddressNamedElsewhere").Select(found => found.Subject)
        );
    }

    [Fact]
    public void What_was_written_is_read_by_the_copys_own_programs()
    {
        var plan = Plan(
            Fixed,
            (Netplan, "network:\n  ethernets:\n    eth0: {dhcp4: true}\n"),
            ("/usr/libexec/netplan/generate", "x"),
            (Profile, "[connection]\ntype=ethernet\ninterface-name=eth0\n"),
            ("/usr/bin/nmcli", "x")
        );
        Assert.Equal(["/etc/netplan", Profile], plan.Changes.OfType<ConfigurationCheck>().Select(check => check.Subject));
    }

    private static string Text(InterfaceAddresses asked, string path, string before) => Text(Plan(asked, (path, before)), path);

    private static string Text(GuestPlan plan, string path)
    {
        Assert.Empty(plan.Errors);
        return plan.Changes.OfType<FileText>().Single(change => change.Path == path).Text;
    }

    /// <summary>Files that say more than which adapter is which.</summary>
    private static IEnumerable<string> Written(GuestPlan plan) =>
        plan
            .Changes.OfType<FileText>()
            .Where(change => change.What.Contains("gives ", StringComparison.Ordinal))
            .Select(change => change.Path);

    private static GuestPlan Plan(InterfaceAddresses asked, params (string Path, string Text)[] files)
    {
        var target = GuestCase.Run("n13-ok-set", "SELinux").Target;
        var options = target.Options with
        {
            Adapters =
            [
                new AdapterMapping("eth0", Mac, "00:50:56:00:00:01"),
                new AdapterMapping("eth1", "3c:fd:fe:00:00:02", "00:50:56:00:00:02"),
            ],
            Addresses = [asked],
        };
        return GuestPlanner.Plan(GuestFiles.Store(files), target with { Options = options }, ["Network"]);
    }
}
