using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Tests.Sources;

public sealed class NetworkReaderTests
{
    [Fact]
    public void Network_of_a_server_with_bond_vlan_and_bridge_is_read()
    {
        var network = ProbeParsingTests
            .Read(
                """
                @ adapter eno1
                address=aa:bb:cc:00:00:01
                operstate=up
                mtu=9000
                type=1
                flags=0x1803
                bonding_slave/perm_hwaddr=aa:bb:cc:00:00:01
                device=/sys/devices/pci0000:00/0000:00:19.0
                driver=igb
                @ adapter eno2
                address=aa:bb:cc:00:00:01
                operstate=up
                type=1
                flags=0x1803
                device=/sys/devices/pci0000:00/0000:00:19.1
                driver=igb
                @ adapter bond0
                address=aa:bb:cc:00:00:01
                operstate=up
                type=1
                flags=0x1403
                @ adapter bond0.5
                address=aa:bb:cc:00:00:01
                operstate=up
                type=1
                flags=0x1003
                @ adapter lo
                address=00:00:00:00:00:00
                type=772
                @ ip-link
                2: eno1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 9000 master bond0 \    link/ether aa:bb:cc:00:00:01
                3: eno2: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 9000 master bond0 \    link/ether aa:bb:cc:00:00:01 brd ff:ff:ff:ff:ff:ff permaddr AA:BB:CC:00:00:02 promiscuity 0
                5: bond0.5@bond0: <BROADCAST> mtu 1500 \    link/ether aa:bb:cc:00:00:01
                @ ip-address
                5: bond0.5    inet 192.0.2.10/24 brd 192.0.2.255 scope global bond0.5\       valid_lft forever preferred_lft forever
                5: bond0.5    inet6 2001:db8::10/64 scope global \       valid_lft forever
                5: bond0.5    inet6 2001:db8::77/64 scope global temporary dynamic \       valid_lft forever
                5: bond0.5    inet6 fe80::1/64 scope link \       valid_lft forever
                @ ip-route
                default via 192.0.2.1 dev bond0.5 proto static
                10.0.0.0/8 via 192.0.2.254 dev bond0.5
                192.0.2.0/24 dev bond0.5 proto kernel scope link src 192.0.2.10
                fe80::/64 dev bond0.5 proto kernel
                default proto static metric 100
                	nexthop via 2001:db8::1 dev bond0.5 weight 1
                @ file /etc/resolv.conf
                search example.org  example.net
                nameserver 127.0.0.53
                @ file /run/systemd/resolve/resolv.conf
                nameserver 192.0.2.53
                search example.org
                @ ifupdown
                iface lo inet loopback
                @ network-files
                /etc/netplan/01-all.yaml
                /etc/sysconfig/network-scripts/ifcfg-lo
                @ processes
                Name:	systemd-network
                Name:	mysqld
                """
            )
            .Network;

        Assert.Equal(["eno1", "eno2", "bond0", "bond0.5"], network.Adapters.Select(adapter => adapter.Name));
        Assert.Equal([true, true, false, false], network.Adapters.Select(adapter => adapter.IsPhysical));
        Assert.Equal(["aa:bb:cc:00:00:01", "aa:bb:cc:00:00:02"], network.Adapters.Take(2).Select(adapter => adapter.MacAddress));
        Assert.Equal(9000, network.Adapters[0].Mtu);
        Assert.Equal(["192.0.2.10/24", "2001:db8::10/64"], network.Adapters[3].Addresses);
        Assert.Contains(new RouteFacts("default", "192.0.2.1", "bond0.5"), network.Routes);
        Assert.Contains(new RouteFacts("10.0.0.0/8", "192.0.2.254", "bond0.5"), network.Routes);
        Assert.DoesNotContain(network.Routes, route => route.Destination.StartsWith("fe80", StringComparison.Ordinal));
        Assert.Equal(["192.0.2.53"], network.DnsServers);
        Assert.Equal(["example.org"], network.DnsSearch);
        Assert.Equal(["netplan", "systemd-networkd"], network.Managers);
    }

    /// <summary>Behind a bridge, with a virtual device or a long PCI domain; USB, platform devices and Xen have none.</summary>
    [Theory]
    [InlineData("/sys/devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0", "0000:3b:00.0")]
    [InlineData("/sys/devices/pci0000:00/0000:00:03.0/virtio0", "0000:00:03.0")]
    [InlineData("/sys/devices/pci10000:00/10000:e1:00.0", "10000:e1:00.0")]
    [InlineData("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0", null)]
    [InlineData("/sys/devices/platform/enet", null)]
    [InlineData("/sys/devices/vif-0", null)]
    public void The_slot_of_an_adapter_is_that_of_its_PCI_device(string device, string? expected)
    {
        var network = ProbeParsingTests.Read($"@ adapter eth0\naddress=00:11:22:33:44:55\ntype=1\ndevice={device}\n").Network;
        Assert.Equal(expected, Assert.Single(network.Adapters).PciAddress);
    }

    [Fact]
    public void Ifconfig_and_kernel_tables_stand_in_for_ip()
    {
        var network = ProbeParsingTests
            .Read(
                """
                @ adapter eth0
                address=00:11:22:33:44:55
                type=1
                flags=0x1003
                operstate=unknown
                device=/sys/devices/x
                @ ifconfig
                eth0      Link encap:Ethernet  HWaddr 00:11:22:33:44:55
                          inet addr:192.0.2.5  Bcast:192.0.2.255  Mask:255.255.255.0
                          inet6 addr: 2001:db8::5/64 Scope:Global
                          inet6 addr: fe80::211:22ff:fe33:4455/64 Scope:Link
                eth1: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
                        inet 192.0.2.130  netmask 255.255.255.128  broadcast 192.0.2.255
                @ file /proc/net/route
                Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
                eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
                eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
                """
            )
            .Network;

        Assert.Equal(["192.0.2.5/24", "2001:db8::5/64"], network.Adapters[0].Addresses);
        Assert.True(network.Adapters[0].IsUp);
        Assert.Equal([new RouteFacts("default", "192.0.2.1", "eth0"), new RouteFacts("192.0.2.0/24", null, "eth0")], network.Routes);
    }
}
