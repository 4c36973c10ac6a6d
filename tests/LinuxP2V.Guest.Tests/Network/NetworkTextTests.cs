using System.Text.Json;
using LinuxP2V.Guest.Network;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Network;

/// <summary>Each manager's files, with adapters whose addresses change places.</summary>
public sealed class NetworkTextTests
{
    private static readonly AdapterMapping[] Adapters =
    [
        new("eno1", "3c:fd:fe:00:00:01", "00:50:56:00:00:01"),
        new("eno2", "3c:fd:fe:00:00:02", "3c:fd:fe:00:00:01"),
        new("eno3", "3c:fd:fe:00:00:03", null),
        // What a destination says that has not made an address yet.
        new("eno4", "3c:fd:fe:00:00:04", ""),
    ];

    [Theory]
    [InlineData("    hwaddress ether 3c:fd:fe:00:00:01", "    hwaddress ether 00:50:56:00:00:01")]
    [InlineData("HWADDR=\"3C:FD:FE:00:00:02\"", "HWADDR=\"3C:FD:FE:00:00:01\"")]
    [InlineData("MACADDR='3C-FD-FE-00-00-01'", "MACADDR='00-50-56-00-00-01'")]
    [InlineData(
        "[ethernet]\nmac-address=3C:FD:FE:00:00:01\ncloned-mac-address=preserve",
        "[ethernet]\nmac-address=00:50:56:00:00:01\ncloned-mac-address=preserve"
    )]
    [InlineData("unmanaged-devices=mac:3c:fd:fe:00:00:01;interface-name:veth*", null)]
    [InlineData(
        "      match:\n        macaddress: \"3c:fd:fe:00:00:02\"\n      set-name: eno2",
        "      match:\n        macaddress: \"3c:fd:fe:00:00:01\"\n      set-name: eno2"
    )]
    [InlineData("ATTR{address}==\"3c:fd:fe:00:00:01\", NAME=\"eth0\"", "ATTR{address}==\"00:50:56:00:00:01\", NAME=\"eth0\"")]
    [InlineData("MACAddress=3c:fd:fe:00:00:01 3c:fd:fe:00:00:02", "MACAddress=00:50:56:00:00:01 3c:fd:fe:00:00:01")]
    [InlineData("HWADDR=3c:fd:fe:00:00:03", null)]
    [InlineData("HWADDR=3c:fd:fe:00:00:04", null)]
    [InlineData("address 2001:db8:3c:fd:fe:00:00:01", null)]
    [InlineData("80:00:00:48:fe:80:3c:fd:fe:00:00:01", null)]
    public void Addresses(string text, string? expected) => Assert.Equal(expected ?? text, MacText.Transform(text, Adapters).Text);

    [Fact]
    public void Names_the_adapters_that_changed() =>
        Assert.Equal(["eno2", "eno1"], MacText.Transform("3c:fd:fe:00:00:02 3c:fd:fe:00:00:01 3c:fd:fe:00:00:02", Adapters).Adapters);

    [Fact]
    public void An_empty_address_is_none_however_it_comes()
    {
        var told = JsonSerializer.Deserialize(
            """{"runningKernel":"6.1","adapters":[{"sourceName":"eno4","sourceMac":"3c:fd:fe:00:00:04","targetMac":""}]}""",
            ProtocolJson.Default.ReconfigureOptions
        )!;
        Assert.Null(told.Adapters[0].TargetMac);
        Assert.Null(Adapters[3].TargetMac);
        Assert.Equal("00:50:56:00:00:01", Adapters[0].TargetMac);
    }

    [Fact]
    public void A_match_by_slot_becomes_one_by_address_before_the_adapter_has_its_name()
    {
        var result = NetworkdText.Transform(
            "[Match]\nPath=pci-0000:03:00.0\n\n[Link]\nName=lan0\n",
            isLink: true,
            new AdapterMatcher([Adapters[0]])
        );
        Assert.NotEmpty(result.What);
        Assert.Equal("[Match]\nMACAddress=00:50:56:00:00:01\n\n[Link]\nName=lan0\n", result.Text);
    }

    [Fact]
    public void Link_file()
    {
        var lines = LinkFiles.LinkText(Adapters[0], []).Split('\n');
        Assert.Equal("/etc/systemd/network/10-linuxp2v-eno1.link", LinkFiles.LinkPath(Adapters[0]));
        Assert.Equal(["[Match]", "MACAddress=00:50:56:00:00:01", "Type=ether", "", "[Link]", "Name=eno1", ""], lines.Skip(1));
    }
}
