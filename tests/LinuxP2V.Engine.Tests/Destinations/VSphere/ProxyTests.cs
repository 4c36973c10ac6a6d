using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A vCenter behind an HTTP proxy.</summary>
public sealed class ProxyTests : IDisposable
{
    private readonly SimulatorFixture server = SimulatorFixture.VCenter();
    private readonly ConnectProxy proxy = new("ann", "se:cret");

    public void Dispose()
    {
        proxy.Dispose();
        server.Dispose();
    }

    [Fact]
    public async Task The_server_is_reached_through_the_proxy_and_its_certificate_is_checked_all_the_same()
    {
        var options = server.Options with { Proxy = proxy.Address, ProxyUserName = "ann", ProxyPassword = "se:cret" };
        Assert.DoesNotContain("se:cret", options.ToString());
        using var destination = await VSphereDestination.ConnectAsync(options, NullConsole.Instance, CancellationToken.None);
        Assert.NotEmpty(await destination.ListInventoryAsync(CancellationToken.None));
        Assert.Equal([$"127.0.0.1:{server.Port}"], proxy.Targets.Distinct());

        var untrusted = options with { CertificateThumbprint = new string('A', 64) };
        var failure = await Assert.ThrowsAsync<P2VException>(() =>
            VSphereDestination.ConnectAsync(untrusted, NullConsole.Instance, CancellationToken.None)
        );
        Assert.Equal(ErrorIds.ServerCertificateUntrusted, failure.ErrorId);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task A_proxy_that_refuses_the_login_is_told_as_such(string? password)
    {
        var options = server.Options with
        {
            Proxy = proxy.Address,
            ProxyUserName = password is null ? null : "ann",
            ProxyPassword = password,
        };
        var failure = await Assert.ThrowsAsync<P2VException>(() =>
            VSphereDestination.ConnectAsync(options, NullConsole.Instance, CancellationToken.None)
        );
        Assert.Equal(ErrorIds.ServerUnreachable, failure.ErrorId);
        Assert.Contains("-ProxyCredential", failure.Remedy);
        Assert.Empty(proxy.Targets);
    }
}
