using LinuxP2V.Engine.Ssh;
using Renci.SshNet;

namespace LinuxP2V.Engine.Tests.Sources;

public sealed class KeyExchangeTests
{
    private readonly ConnectionInfo info = new("host", "user", new NoneAuthenticationMethod("user"));

    [Fact]
    public void Exchanges_on_a_curve_that_the_system_lacks_are_not_offered()
    {
        KeyExchanges.RemoveUnusable(info, curve => curve != "Curve25519");

        Assert.DoesNotContain(Names, name => name.Contains("25519", StringComparison.Ordinal));
        Assert.Contains("ecdh-sha2-nistp256", Names);
    }

    [Fact]
    public void Without_any_curve_others_remain()
    {
        KeyExchanges.RemoveUnusable(info, _ => false);

        Assert.NotEmpty(Names);
        Assert.All(Names, name => Assert.StartsWith("diffie-hellman-", name, StringComparison.Ordinal));
    }

    [Fact]
    public void With_every_curve_all_are_offered()
    {
        var before = Names;
        KeyExchanges.RemoveUnusable(info, _ => true);
        Assert.Equal(before, Names);
    }

    [Theory]
    [InlineData("nistP256", true)]
    [InlineData("noSuchCurve", false)]
    public void A_curve_is_tried(string curve, bool isUsable) => Assert.Equal(isUsable, KeyExchanges.CanAgree(curve));

    private List<string> Names => [.. info.KeyExchangeAlgorithms.Keys];
}
