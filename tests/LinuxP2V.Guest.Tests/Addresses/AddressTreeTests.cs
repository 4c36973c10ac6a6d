using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Tests.Shared.Distributions;

namespace LinuxP2V.Guest.Tests.Addresses;

/// <summary>Other addresses for machines as installers set them up: a fixed one, and DHCP.</summary>
public sealed class AddressTreeTests
{
    [Theory]
    [InlineData(
        "debian-12",
        "/etc/network/interfaces",
        """
            source /etc/network/interfaces.d/*

            auto lo
            iface lo inet loopback

            allow-hotplug enp3s0f0
            iface enp3s0f0 inet static
            	address 198.51.100.20/25
            	gateway 198.51.100.1
            	dns-nameservers 198.51.100.53
            """
    )]
    [InlineData(
        "alpine-grub",
        "/etc/network/interfaces",
        """
            auto lo
            iface lo inet loopback

            auto eth0
            iface eth0 inet static
            	address 198.51.100.20/25
            	gateway 198.51.100.1
            	dns-nameservers 198.51.100.53
            """
    )]
    [InlineData(
        "rhel-9",
        "/etc/NetworkManager/system-connections/eno1np0.nmconnection",
        """
            [connection]
            id=eno1np0
            uuid=6f0a1c9e-3b0d-4f7e-9a55-1d1f4f6f0a11
            type=ethernet
            autoconnect-priority=-999
            interface-name=eno1np0

            [ethernet]
            mac-address=00:50:56:00:00:01

            [ipv4]
            method=manual
            address1=198.51.100.20/25,198.51.100.1
            dns=198.51.100.53;
            """
    )]
    [InlineData(
        "fedora-43",
        "/etc/NetworkManager/system-connections/enp1s0.nmconnection",
        """
            [connection]
            id=enp1s0
            type=ethernet
            interface-name=enp1s0

            [ipv4]
            method=manual
            address1=198.51.100.20/25,198.51.100.1
            dns=198.51.100.53;
            """
    )]
    [InlineData(
        "rhel-7",
        "/etc/sysconfig/network-scripts/ifcfg-em1",
        """
            TYPE="Ethernet"
            PROXY_METHOD="none"
            BOOTPROTO="none"
            IPADDR="198.51.100.20"
            PREFIX="25"
            GATEWAY="198.51.100.1"
            DNS1="198.51.100.53"
            DEFROUTE="yes"
            NAME="em1"
            UUID="6f0a1c9e-3b0d-4f7e-9a55-1d1f4f6f0a11"
            DEVICE="em1"
            ONBOOT="yes"
            HWADDR="00:50:56:00:00:01"
            """
    )]
    [InlineData(
        "rhel-6",
        "/etc/sysconfig/network-scripts/ifcfg-eth0",
        """
            DEVICE=eth0
            HWADDR=00:50:56:00:00:01
            TYPE=Ethernet
            ONBOOT=yes
            NM_CONTROLLED=yes
            BOOTPROTO=none
            IPADDR=198.51.100.20
            NETMASK=255.255.255.128
            GATEWAY=198.51.100.1
            DNS1=198.51.100.53
            """
    )]
    [InlineData(
        "amzn-2",
        "/etc/sysconfig/network-scripts/ifcfg-eth0",
        """
            DEVICE=eth0
            BOOTPROTO=none
            IPADDR=198.51.100.20
            NETMASK=255.255.255.128
            GATEWAY=198.51.100.1
            DNS1=198.51.100.53
            ONBOOT=yes
            TYPE=Ethernet
            """
    )]
    [InlineData(
        "sles-15",
        "/etc/sysconfig/network/ifcfg-eth0",
        """
            BOOTPROTO='static'
            IPADDR='198.51.100.20/25'
            STARTMODE='auto'
            ETHTOOL_OPTIONS=''
            """
    )]
    [InlineData("sles-15", "/etc/sysconfig/network/routes", "default 198.51.100.1 - eth0")]
    [InlineData(
        "sles-15",
        "/etc/sysconfig/network/config",
        """
            NETCONFIG_DNS_POLICY="auto"
            NETCONFIG_DNS_STATIC_SERVERS="198.51.100.53"
            """
    )]
    [InlineData(
        "ubuntu-18.04",
        "/etc/netplan/50-cloud-init.yaml",
        """
            # This file is generated from information provided by the datasource.
            network:
                ethernets:
                    eno1:
                        addresses:
                        - "198.51.100.20/25"
                        gateway4: 198.51.100.1
                        match:
                            macaddress: 00:50:56:00:00:01
                        set-name: eno1
                        nameservers:
                          addresses:
                          - "198.51.100.53"
                version: 2
            """
    )]
    [InlineData(
        "ubuntu-24.04",
        "/etc/netplan/50-cloud-init.yaml",
        """
            network:
              ethernets:
                eno1:
                  addresses:
                  - "198.51.100.20/25"
                  match:
                    macaddress: "00:50:56:00:00:01"
                  set-name: eno1
                  routes:
                  - to: "0.0.0.0/0"
                    via: "198.51.100.1"
                  nameservers:
                    addresses:
                    - "198.51.100.53"
              version: 2
            """
    )]
    [InlineData(
        "arch-grub",
        "/etc/systemd/network/10-linuxp2v-enp5s0.network",
        """
            [Match]
            Name=enp5s0

            [Network]
            DHCP=ipv6
            Address=198.51.100.20/25
            Gateway=198.51.100.1
            DNS=198.51.100.53
            """
    )]
    [InlineData(
        "amzn-2023",
        "/etc/systemd/network/80-ec2.network",
        """
            [Match]
            Name=ens5

            [Network]
            DHCP=ipv6
            Address=198.51.100.20/25
            Gateway=198.51.100.1
            DNS=198.51.100.53
            """
    )]
    public void A_fixed_address(string tree, string path, string expected) =>
        Assert.Equal(
            expected.ReplaceLineEndings("\n"),
            Text(
                Plan(
                    tree,
                    name => new InterfaceAddresses(name)
                    {
                        Addresses = ["198.51.100.20/25"],
                        Gateways = ["198.51.100.1"],
                        DnsServers = ["198.51.100.53"],
                    }
                ),
                path
            )
        );

    [Theory]
    [InlineData("debian-12", "/etc/network/interfaces", "allow-hotplug enp3s0f0\niface enp3s0f0 inet dhcp")]
    [InlineData("rhel-9", "/etc/NetworkManager/system-connections/eno1np0.nmconnection", "[ipv4]\nmethod=auto")]
    [InlineData("rhel-6", "/etc/sysconfig/network-scripts/ifcfg-eth0", "NM_CONTROLLED=yes\nBOOTPROTO=dhcp")]
    [InlineData("sles-15", "/etc/sysconfig/network/ifcfg-eth0", "BOOTPROTO='dhcp'\nSTARTMODE='auto'\nETHTOOL_OPTIONS=''")]
    [InlineData("ubuntu-18.04", "/etc/netplan/50-cloud-init.yaml", "        eno1:\n            dhcp4: true\n            match:\n")]
    [InlineData("ubuntu-24.04", "/etc/netplan/50-cloud-init.yaml", "    eno1:\n      dhcp4: true\n      match:\n")]
    public void Dhcp(string tree, string path, string expected)
    {
        var text = Text(Plan(tree, name => new InterfaceAddresses(name) { Dhcp = true }), path);
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Trees))]
    public void Every_tree_takes_an_address_or_says_why_not(string name)
    {
        var plan = Plan(
            name,
            adapter => new InterfaceAddresses(adapter)
            {
                Addresses = ["198.51.100.20/25", "2001:db8:1::20/64"],
                Gateways = ["198.51.100.1"],
            }
        );
        var texts = plan.Changes.OfType<FileText>().Where(change => change.What.Contains("gives ", StringComparison.Ordinal)).ToList();
        var refusals = plan.Findings.Where(finding => finding.Id == "GuestAddressNotPossible").ToList();
        if (name.StartsWith("gentoo", StringComparison.Ordinal) || name == "rhel-6-uefi")
        {
            Assert.Single(refusals);
            return;
        }

        Assert.Empty(refusals);
        Assert.Contains(texts, text => text.Text.Contains("198.51.100.20", StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Text.Contains("2001:db8:1::20", StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Text.Contains("198.51.100.1", StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain("192.0.2.", text.Text, StringComparison.Ordinal));
    }

    public static TheoryData<string> Trees => [.. DistributionTree.Names];

    private static GuestPlan Plan(string name, Func<string, InterfaceAddresses> asked)
    {
        var tree = DistributionTree.Read(name);
        var folder = Directory.CreateTempSubdirectory("linuxp2v-tree-").FullName;
        try
        {
            tree.WriteTo(folder, _ => "x");
            var options = tree.Target.Options with { Addresses = [asked(tree.Target.Options.Adapters[0].SourceName)] };
            return GuestPlanner.Plan(new FolderStore(folder), tree.Target with { Options = options }, ["Network"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(GuestPlan plan, string path)
    {
        Assert.DoesNotContain(plan.Findings, finding => finding.Id == "GuestAddressNotPossible");
        return plan.Changes.OfType<FileText>().Single(change => change.Path == path).Text.TrimEnd('\n');
    }
}
