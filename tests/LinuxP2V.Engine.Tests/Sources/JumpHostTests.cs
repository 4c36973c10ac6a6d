using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Ways through one jump host and through two, on real servers.</summary>
[Collection(nameof(SshServer))]
public sealed class JumpHostTests : IDisposable
{
    private readonly SshServer gate = new() { MoreOptions = "MaxStartups 2" };
    private readonly SshServer behind = new() { MoreOptions = "MaxStartups 100" };

    public JumpHostTests()
    {
        gate.Start("ed25519");
        behind.Start("ed25519");
    }

    [Fact]
    public async Task Many_machines_behind_one_jump_host_share_one_login()
    {
        var secrets = Secrets(gate);
        // Told apart by their port alone, as one address serves all of them here: the engine does not know that it is one machine.
        var read = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(_ => ReadAsync(behind.Options("root") with { JumpHost = gate.Options("root") }, secrets))
        );

        Assert.All(read, source => Assert.True(source.Facts.IsRoot));
        Assert.Equal(1, gate.CountLogins());
        Assert.Equal(12, behind.CountLogins());
    }

    [Fact]
    public async Task A_jump_host_that_fails_fails_for_each_and_the_next_try_is_new()
    {
        var wrong = new SourceSecrets
        {
            PrivateKey = behind.Key("plain"),
            JumpHost = new SourceSecrets { PrivateKey = behind.Key("plain"), AreForJumpHosts = true },
        };
        var options = behind.Options("root") with { JumpHost = gate.Options("root") };
        var failures = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => Assert.ThrowsAsync<P2VException>(() => ReadAsync(options, wrong)))
        );
        Assert.All(failures, failure => Assert.Contains("jump host", failure.Message, StringComparison.Ordinal));

        Assert.True((await ReadAsync(options, Secrets(gate))).Facts.IsRoot);
    }

    [Fact]
    public async Task Two_jump_hosts_are_gone_through_in_their_order()
    {
        using var second = new SshServer();
        File.AppendAllText($"{second.Folder}/authorized", gate.Key("plain.pub"));
        var options = behind.Options("root") with { JumpHost = second.Options("root") with { JumpHost = gate.Options("root") } };

        var source = await ReadAsync(options, Secrets(gate));

        Assert.True(source.Facts.IsRoot);
        Assert.Equal((1, 1), (gate.CountLogins(), second.CountLogins()));
        Assert.Equal(second.Port, source.Endpoint.JumpHost!.Port);
        Assert.Equal(gate.Port, source.Endpoint.JumpHost.JumpHost!.Port);
    }

    public void Dispose()
    {
        gate.Dispose();
        behind.Dispose();
    }

    private SourceSecrets Secrets(SshServer jumpHost) =>
        new()
        {
            PrivateKey = behind.Key("plain"),
            JumpHost = new SourceSecrets { PrivateKey = jumpHost.Key("plain"), AreForJumpHosts = true },
        };

    private static Task<DiscoveredSource> ReadAsync(SourceConnectionOptions options, SourceSecrets secrets) =>
        SourceDiscovery.ReadAsync(options, secrets, NullConsole.Instance, CancellationToken.None);
}
