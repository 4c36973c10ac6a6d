using LinuxP2V.Agent.Startup;

namespace LinuxP2V.Agent.Tests.Startup;

public sealed class StartupJsonTests
{
    [Theory]
    [InlineData("""{"conversionId":"c1","authorizedKey":"ssh-ed25519 AAAA"}""")]
    [InlineData("""{"conversionId":"c1","authorizedKey":"ssh-ed25519 AAAA","network":null}""")]
    [InlineData("""{"conversionId":"c1","authorizedKey":"ssh-ed25519 AAAA","network":{}}""")]
    [InlineData("""{"conversionId":"c1","authorizedKey":"ssh-ed25519 AAAA","network":{"addresses":null}}""")]
    public void What_settings_leave_out_is_empty(string text)
    {
        var network = StartupJson.ReadSettings(text)!.Network;

        Assert.Empty(network.Addresses);
        Assert.Empty(network.Gateways);
        Assert.Empty(network.DnsServers);
    }
}
