using LinuxP2V.Guest.Network;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Network;

/// <summary>Network configurations of machines from bug reports: what ties them to the source's hardware.</summary>
public sealed class NetworkCaseTests
{
    private const string New = "00:50:56:00:00:01";

    private static readonly AdapterMatcher One = new([new AdapterMapping("eno1", "3c:fd:fe:00:00:01", New)]);

    private static readonly AdapterMatcher Unknown = new([
        new AdapterMapping("eno1", "3c:fd:fe:00:00:01", New),
        new AdapterMapping("eno2", "3c:fd:fe:00:00:02", "00:50:56:00:00:02"),
    ]);

    private static readonly AdapterMatcher Known = new([
        new AdapterMapping("eno1", "3c:fd:fe:00:00:01", New) { SourceDriver = "ixgbe", SourceSlot = "0000:3b:00.0" },
        new AdapterMapping("eno2", "3c:fd:fe:00:00:02", "00:50:56:00:00:02") { SourceDriver = "tg3", SourceSlot = "0000:19:00.0" },
    ]);

    [Fact]
    public void NetworkManager_by_path_and_driver()
    {
        var guest = GuestCase.Run("n01-nm-match", "Network");
        var text = guest.Text("/etc/NetworkManager/system-connections/lan.nmconnection");
        Assert.Contains("[match]\ninterface-name=eno1;\n\n[ipv4]", text, StringComparison.Ordinal);
        Assert.Empty(guest.Findings);
    }

    [Fact]
    public void Netplan_by_driver() =>
        Assert.Equal(
            """
            network:
              version: 2
              renderer: networkd
              ethernets:
                lan:
                  match:
                    macaddress: "00:50:56:00:00:01"
                  addresses: [192.0.2.10/24]
                lan2:
                  match:
                    macaddress: 00:50:56:00:00:01
                  addresses: [192.0.2.11/24]

            """.TrimEnd(),
            GuestCase.Run("n03-netplan-driver", "Network").Text("/etc/netplan/01.yaml").TrimEnd()
        );

    [Fact]
    public void A_match_that_was_of_no_effect_on_the_source_has_none_in_the_VM()
    {
        var guest = GuestCase.Run(
            "n03-netplan-driver",
            options => options with { Adapters = [options.Adapters[0] with { SourceDriver = "ixgbe" }] },
            "Network"
        );
        Assert.Contains(
            "    lan:\n      match:\n        macaddress: \"00:50:56:00:00:01\"\n",
            guest.Text("/etc/netplan/01.yaml"),
            StringComparison.Ordinal
        );
        Assert.Contains("driver: [\"bnx2x\", \"tg3\"]", guest.Text("/etc/netplan/01.yaml"), StringComparison.Ordinal);
        const string Networkd = "[Match]\nMACAddress=00:50:56:00:00:01\nDriver=tg3\n[Network]\n";
        Assert.Equal(Networkd, NetworkdText.Transform(Networkd, isLink: false, Known).Text);
        const string Rule = "SUBSYSTEM==\"net\", DRIVERS==\"tg3\", NAME=\"eno1\"\n";
        Assert.Equal(Rule, UdevRuleText.Transform(Rule, Known).Text);
        const string Profile = "[connection]\ninterface-name=eno1\n[match]\ndriver=tg3;\n";
        Assert.Equal(Profile, NetworkManagerText.Transform(Profile, Known).Text);
    }

    [Fact]
    public void Networkd_by_driver_and_property()
    {
        var guest = GuestCase.Run("n04-networkd-driver", "Network");
        Assert.StartsWith("[Match]\nName=eno1\n\n[Network]", guest.Text("/etc/systemd/network/20-lan.network"), StringComparison.Ordinal);
        Assert.StartsWith(
            $"[Match]\nMACAddress={New}\n\n[Network]",
            guest.Text("/etc/systemd/network/30-x.network"),
            StringComparison.Ordinal
        );
        Assert.StartsWith("[Match]\nName=eno1\n[Network]", guest.Text("/etc/systemd/network/40-p.network"), StringComparison.Ordinal);
        Assert.StartsWith($"[Match]\nMACAddress={New}", guest.Text("/etc/systemd/network/lan.network.d/x.conf"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "n06-udev-slot",
        "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{dev_id}==\"0x0\", "
            + "ATTR{address}==\"00:50:56:00:00:01\", ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"eth0\""
    )]
    [InlineData(
        "n08-rule-mac-and-driver",
        "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{address}==\"00:50:56:00:00:01\", "
            + "ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"eth0\""
    )]
    public void Rules_of_udev(string name, string rule) =>
        Assert.Contains(rule, GuestCase.Run(name, "Network").Text("/etc/udev/rules.d/70-persistent-net.rules").Split('\n'));

    [Fact]
    public void What_the_admins_link_file_sets_stands_in_ours()
    {
        var text = GuestCase.Run("n07-link-settings-lost", "Network").Text("/etc/systemd/network/10-linuxp2v-eno1.link");
        Assert.EndsWith("[Link]\nName=eno1\nMTUBytes=9000\nWakeOnLan=off\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_as_decimal_bytes() =>
        Assert.Contains(
            "mac-address=0;80;86;0;0;1;\n",
            GuestCase.Run("n09-old-nm-bytes", "Network").Text("/etc/NetworkManager/system-connections/Wired"),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("/etc/conf.d/net")]
    [InlineData("/etc/dhcp/dhclient.conf")]
    [InlineData("/etc/iftab")]
    [InlineData("/etc/systemd/network/10-x.link.d/m.conf")]
    [InlineData("/etc/wicked/ifconfig/lan.xml")]
    [InlineData("/usr/lib/NetworkManager/system-connections/b.nmconnection")]
    public void Addresses_in_every_place(string path) =>
        Assert.Contains(New, GuestCase.Run("n10-dispatcher-others", "Network").Text(path), StringComparison.Ordinal);

    [Fact]
    public void An_identity_towards_a_DHCP_server_stays() =>
        Assert.Contains(
            "01:3c:fd:fe:00:00:01",
            GuestCase.Run("n10-dispatcher-others", "Network").Text("/etc/dhcp/dhclient.conf"),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("/etc/NetworkManager/dispatcher.d/50-up")]
    [InlineData("/etc/network/if-up.d/tune")]
    [InlineData("/etc/rc.local")]
    public void Scripts_are_named_and_stay(string path)
    {
        var plan = Plan(One, (path, "#!/bin/sh\nethtool -s $(by-mac 3C:FD:FE:00:00:01) wol g\n"));
        var finding = Assert.Single(plan.Findings);
        Assert.Equal(("ScriptNamesAdapter", path, FindingSeverity.Warning), (finding.Id, finding.Subject, finding.Severity));
        Assert.DoesNotContain(plan.Changes, change => change.Subject == path);
    }

    [Fact]
    public void Bonds_and_VLANs_are_findings()
    {
        var guest = GuestCase.Run("n11-bond-vlan", "Network");
        Assert.Equal(["BondWithLacp", "VlanInGuest"], guest.Findings.Select(finding => finding.Id));
        Assert.Equal(
            ["/etc/NetworkManager/system-connections/bond0.nmconnection", "/etc/NetworkManager/system-connections/vlan.nmconnection"],
            guest.Findings.Select(finding => finding.Subject)
        );
        Assert.Empty(guest.Plan.Errors);
    }

    [Theory]
    [InlineData("/etc/sysconfig/network-scripts/ifcfg-bond0", "BONDING_OPTS=\"mode=4 miimon=100\"", "BondWithLacp")]
    [InlineData("/etc/sysconfig/network/ifcfg-bond0", "BONDING_MODULE_OPTS='mode=802.3ad'", "BondWithLacp")]
    [InlineData("/etc/network/interfaces", "iface bond0 inet static\n  bond-mode 4\n", "BondWithLacp")]
    [InlineData("/etc/NetworkManager/system-connections/b", "[connection]\ntype=bond\n[bond]\nmode=4\n", "BondWithLacp")]
    [InlineData("/etc/modprobe.d/bond.conf", "options bond0 mode=4 miimon=100\n", "BondWithLacp")]
    [InlineData("/etc/netplan/a.yaml", "network:\n  bonds:\n    b:\n      parameters: {mode: balance-rr}\n", "BondWithStaticAggregation")]
    [InlineData("/etc/systemd/network/b.netdev", "[NetDev]\nName=b\nKind=bond\n[Bond]\nMode=active-backup\n", null)]
    [InlineData("/etc/systemd/network/v.netdev", "[NetDev]\nName=v\nKind=vlan\n", "VlanInGuest")]
    [InlineData("/etc/network/interfaces", "iface eno1.100 inet dhcp\n", "VlanInGuest")]
    [InlineData("/etc/sysconfig/network/ifcfg-vlan7", "ETHERDEVICE='eno1'\n", "VlanInGuest")]
    [InlineData("/etc/network/interfaces", "iface vmbr0 inet static\n  bridge-ports eno1\n", "BridgeInGuest")]
    [InlineData("/etc/sysconfig/network-scripts/ifcfg-team0", "DEVICETYPE=\"Team\"\n", "TeamInGuest")]
    [InlineData("/etc/network/interfaces", "# iface eno1.100 inet dhcp\n", null)]
    [InlineData("/etc/network/interfaces", "iface eno1 inet static\n  address 192.0.2.10\n", null)]
    public void What_needs_more_of_a_virtual_switch(string path, string text, string? id) =>
        Assert.Equal(id is null ? [] : [id], Plan(One, (path, text)).Findings.Select(finding => finding.Id));

    [Fact]
    public void A_line_without_end_does_not_hold_the_plan_up()
    {
        var started = DateTime.UtcNow;
        Assert.Empty(Plan(One, ("/etc/network/interfaces", "bond" + new string('m', 4 << 20) + "\n")).Findings);
        Assert.InRange(DateTime.UtcNow - started, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Cloud_inits_files_and_ours_agree()
    {
        var guest = GuestCase.Run("n12-cloudinit", "Network", "CloudInit");
        Assert.Contains("/etc/cloud/cloud.cfg.d/zz-linuxp2v.cfg", guest.Changed);
        Assert.Contains("macaddress: '00:50:56:00:00:01'", guest.Text("/etc/netplan/50-cloud-init.yaml"), StringComparison.Ordinal);
        Assert.Contains($"MACAddress={New}", guest.Text("/etc/systemd/network/10-cloud-init-eno1.link"), StringComparison.Ordinal);
        // Ours must sort before the other file that matches the adapter.
        Assert.Contains("/etc/systemd/network/00-linuxp2v-eno1.link", guest.Changed);
        Assert.Empty(guest.Findings);
    }

    [Theory]
    [InlineData("50-curtin.cfg", "99-linuxp2v.cfg", false)]
    [InlineData("99-zz.cfg", "zz-linuxp2v.cfg", false)]
    [InlineData("~~~.cfg", "~~linuxp2v.cfg", true)]
    public void Our_file_for_cloud_init_comes_last(string other, string own, bool isToldOf)
    {
        var plan = GuestPlanner.Plan(
            GuestFiles.Store(($"/etc/cloud/cloud.cfg.d/{other}", "x: y\n")),
            GuestCase.Run("n12-cloudinit", "CloudInit").Target,
            ["CloudInit"]
        );
        Assert.Equal($"/etc/cloud/cloud.cfg.d/{own}", Assert.Single(plan.Changes).Subject);
        Assert.Equal(isToldOf ? 1 : 0, plan.Findings.Count);
    }

    [Fact]
    public void What_was_right_before_stays_right()
    {
        var guest = GuestCase.Run("n13-ok-set", "Network");
        Assert.Empty(guest.Findings);
        Assert.Contains(
            "mac-address=00:50:56:00:00:01",
            guest.Text("/etc/NetworkManager/system-connections/e.nmconnection"),
            StringComparison.Ordinal
        );
        Assert.Contains("hwaddress ether 00:50:56:00:00:01", guest.Text("/etc/network/interfaces"), StringComparison.Ordinal);
        Assert.Contains("HWADDR='00:50:56:00:00:01'", guest.Text("/etc/sysconfig/network-scripts/ifcfg-eno1"), StringComparison.Ordinal);
        Assert.Contains("LLADDR=00:50:56:00:00:01", guest.Text("/etc/sysconfig/network/ifcfg-eno1"), StringComparison.Ordinal);
        Assert.StartsWith("[Match]\nName=eno1\n[Network]", guest.Text("/etc/systemd/network/20-l.network"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_never_applied_stays_and_absent_adapters_are_named()
    {
        var guest = GuestCase.Run("p01-vlans-path", "Network");
        Assert.True(guest.IsUntouched("/etc/udev/rules.d/60-ora.rules"));
        var finding = Assert.Single(guest.Findings);
        Assert.Equal(("AdapterNotInVm", "p1p1"), (finding.Id, finding.Subject));
    }

    [Fact]
    public void SUSEs_file_named_after_the_address_gets_the_new_name()
    {
        var plan = Plan(One, ("/etc/sysconfig/network/ifcfg-eth-id-3c:fd:fe:00:00:01", "BOOTPROTO='dhcp'\n"));
        Assert.Contains(
            plan.Changes,
            change => change is FileText { Path: "/etc/sysconfig/network/ifcfg-eth-id-00:50:56:00:00:01", Text: "BOOTPROTO='dhcp'\n" }
        );
        Assert.Contains(plan.Changes, change => change is FileRemoval { Path: "/etc/sysconfig/network/ifcfg-eth-id-3c:fd:fe:00:00:01" });
    }

    [Fact]
    public void Of_several_adapters_the_one_is_taken_that_the_facts_tell()
    {
        const string Text = "[Match]\nDriver=tg3\nPath=pci-0000:19:*\n[Link]\nMTUBytes=9000\n";
        Assert.Equal(
            "[Match]\nMACAddress=00:50:56:00:00:02\n[Link]\nMTUBytes=9000\n",
            NetworkdText.Transform(Text, isLink: true, Known).Text
        );
        var doubt = NetworkdText.Transform(Text, isLink: true, Unknown);
        Assert.Equal(Text, doubt.Text);
        Assert.Equal(["Driver=tg3", "Path=pci-0000:19:*"], doubt.Doubts);
    }

    [Theory]
    [InlineData("[Match]\nDriver=be2net\n[Network]\n", "[Match]\nDriver=be2net\n[Network]\n")]
    [InlineData("[Match]\nDriver=!be2net\n[Network]\n", "[Match]\nName=eno1 eno2\n[Network]\n")]
    [InlineData("[Match]\nName=en*\nDriver=ixgbe\n[Network]\n", "[Match]\nName=en*\n[Network]\n")]
    [InlineData("[Match]\nProperty=ID_NET_DRIVER=ixgbe\n[Network]\n", "[Match]\nName=eno1\n[Network]\n")]
    [InlineData("[Match]\nDriver=veth\n[Network]\n", "[Match]\nDriver=veth\n[Network]\n")]
    public void Files_of_networkd(string text, string expected) =>
        Assert.Equal(expected, NetworkdText.Transform(text, isLink: false, Known).Text);

    [Theory]
    [InlineData("      match: {driver: ixgbe}\n", "      match: {macaddress: \"00:50:56:00:00:01\"}\n")]
    [InlineData("      match: { name: en*, driver: \"tg3\" } # x\n", "      match: { name: en*, macaddress: \"00:50:56:00:00:02\" } # x\n")]
    [InlineData("      match: {driver: [tg3, bnx2x], macaddress: 00:50:56:00:00:02}\n", "      match: {macaddress: 00:50:56:00:00:02}\n")]
    [InlineData(
        "      match:\n        driver:\n        - ixgbe\n        - bnx2x\n      dhcp4: true\n",
        "      match:\n        macaddress: \"00:50:56:00:00:01\"\n      dhcp4: true\n"
    )]
    [InlineData(
        "      match:\n        name: eno2\n        driver: tg3 # Dell\n      dhcp4: true\n",
        "      match:\n        name: eno2\n      dhcp4: true\n"
    )]
    [InlineData("      match:\n        name: en*\n      set-name: x\n", "      match:\n        name: en*\n      set-name: x\n")]
    [InlineData(
        "      driver: x\n      match:\n        driver: virtio_net\n",
        "      driver: x\n      match:\n        driver: virtio_net\n"
    )]
    public void Files_of_netplan(string text, string expected) => Assert.Equal(expected, NetplanText.Transform(text, Known).Text);

    [Fact]
    public void A_match_of_netplan_that_means_several_adapters_is_named()
    {
        const string Text = "      match:\n        driver: [ixgbe, tg3]\n";
        var result = NetplanText.Transform(Text, Known);
        Assert.Equal((Text, "match: driver: ixgbe, tg3"), (result.Text, Assert.Single(result.Doubts)));
    }

    [Theory]
    [InlineData("[connection]\ninterface-name=eno1\n[match]\ndriver=ixgbe;\n", "[connection]\ninterface-name=eno1\n[match]\n")]
    [InlineData("[match]\ndriver=tg3;ixgbe;\n", "[match]\ninterface-name=eno1;eno2;\n")]
    [InlineData(
        "[keyfile]\nunmanaged-devices=driver:tg3;interface-name:veth*\n",
        "[keyfile]\nunmanaged-devices=interface-name:eno2;interface-name:veth*\n"
    )]
    [InlineData("[device]\nmatch-device=driver:iwlwifi\n", "[device]\nmatch-device=driver:iwlwifi\n")]
    public void Files_of_NetworkManager(string text, string expected) =>
        Assert.Equal(expected, NetworkManagerText.Transform(text, Known).Text);

    [Theory]
    [InlineData(
        "SUBSYSTEM==\"net\", DRIVERS==\"tg3\", RUN+=\"/sbin/tune %k\"",
        "SUBSYSTEM==\"net\", DRIVERS==\"?*\", ATTR{address}==\"00:50:56:00:00:02\", RUN+=\"/sbin/tune %k\""
    )]
    [InlineData(
        "SUBSYSTEM==\"net\", ENV{ID_NET_NAME_SLOT}==\"ens1\", NAME=\"eno1\"",
        "SUBSYSTEM==\"net\", ATTR{address}==\"00:50:56:00:00:01\", NAME=\"eno1\""
    )]
    [InlineData(
        "SUBSYSTEM==\"net\", \\\n  KERNELS==\"0000:3b:00.0\", \\\n  NAME=\"eno1\"",
        "SUBSYSTEM==\"net\", \\\n  ATTR{address}==\"00:50:56:00:00:01\", \\\n  NAME=\"eno1\""
    )]
    [InlineData(
        "SUBSYSTEM==\"block\", KERNELS==\"0000:3b:00.0\", NAME=\"x\"",
        "SUBSYSTEM==\"block\", KERNELS==\"0000:3b:00.0\", NAME=\"x\""
    )]
    [InlineData(
        "# SUBSYSTEM==\"net\", KERNELS==\"0000:3b:00.0\", NAME=\"eno1\"",
        "# SUBSYSTEM==\"net\", KERNELS==\"0000:3b:00.0\", NAME=\"eno1\""
    )]
    public void Other_rules_of_udev(string rule, string expected) =>
        Assert.Equal($"a\n{expected}\n", UdevRuleText.Transform($"a\n{rule}\n", Known).Text);

    [Fact]
    public void A_rule_that_may_mean_either_adapter_is_named() =>
        Assert.Single(UdevRuleText.Transform("SUBSYSTEM==\"net\", DRIVERS==\"tg3\", RUN+=\"x\"\n", Unknown).Doubts);

    [Fact]
    public void What_interfaces_takes_in_from_elsewhere_is_read_too() =>
        Assert.Contains(
            Plan(
                One,
                ("/etc/network/interfaces", "source /etc/net.local/*.if\n"),
                ("/etc/net.local/a.if", "iface eno1 inet dhcp\n hwaddress ether 3c:fd:fe:00:00:01\n")
            ).Changes,
            change => change is FileText { Path: "/etc/net.local/a.if" }
        );

    [Fact]
    public void The_copys_own_programs_read_what_was_changed()
    {
        var plan = Plan(
            One,
            ("/etc/netplan/a.yaml", "      match: {macaddress: 3c:fd:fe:00:00:01}\n"),
            ("/usr/libexec/netplan/generate", "x"),
            ("/etc/udev/rules.d/70-net.rules", "SUBSYSTEM==\"net\", ATTR{address}==\"3c:fd:fe:00:00:01\", NAME=\"eno1\"\n"),
            ("/usr/lib/systemd/libsystemd-shared-255.so", "x"),
            ("/usr/bin/udevadm", "x"),
            ("/usr/lib/systemd/network/99-default.link", "x")
        );
        Assert.Equal(
            ["/usr/libexec/netplan/generate", "udevadm"],
            plan.Changes.OfType<ConfigurationCheck>().Select(check => check.Program)
        );
    }

    [Fact]
    public void NetworkManager_prints_the_address_of_a_profile_that_it_understands()
    {
        var plan = Plan(
            One,
            (
                "/etc/NetworkManager/system-connections/a.nmconnection",
                "# was 3C:FD:FE:00:00:01\n[ethernet]\nmac-address=3C:FD:FE:00:00:01\n"
            ),
            // What only names an address in a comment is not printed.
            ("/etc/NetworkManager/system-connections/b.nmconnection", "# 3C:FD:FE:00:00:01\n[connection]\nid=b\n"),
            ("/usr/bin/nmcli", "x")
        );
        var checks = plan.Changes.OfType<ConfigurationCheck>().ToList();
        Assert.Equal(
            ["/etc/NetworkManager/system-connections/a.nmconnection", "/etc/NetworkManager/system-connections/b.nmconnection"],
            checks.Select(check => check.Input)
        );
        Assert.Equal(["00:50:56:00:00:01"], checks[0].MustPrint);
        Assert.Empty(checks[1].MustPrint);
        Assert.All(checks, check => Assert.True(check.HoldsSecrets));
    }

    private static GuestPlan Plan(AdapterMatcher matcher, params (string Path, string Text)[] files)
    {
        var target = GuestCase.Run("n13-ok-set", options => options with { Adapters = matcher.Adapters }, "Network").Target;
        return GuestPlanner.Plan(GuestFiles.Store(files), target, ["Network"]);
    }
}
