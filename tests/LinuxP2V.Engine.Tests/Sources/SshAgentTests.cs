using System.Diagnostics;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Logins by the keys of a real ssh-agent.</summary>
[Collection(nameof(SshServer))]
public sealed class SshAgentTests : IDisposable
{
    private const string Variable = "SSH_AUTH_SOCK";

    private static readonly SourceSecrets Secrets = new() { UsesSshAgent = true };

    private readonly SshServer server;
    private readonly string? before = Environment.GetEnvironmentVariable(Variable);
    private readonly string folder = Directory.CreateTempSubdirectory("linuxp2v-agent-").FullName;
    private readonly Process agent;

    public SshAgentTests(SshServer server)
    {
        this.server = server;
        var socket = Path.Combine(folder, "agent.sock");
        agent = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", socket]) { RedirectStandardOutput = true })!;
        for (var i = 0; i < 100 && !File.Exists(socket); i++)
            Thread.Sleep(50);

        Environment.SetEnvironmentVariable(Variable, socket);
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public async Task Its_keys_log_in_at_the_source_and_for_the_helper(string type)
    {
        AddKey(type);
        var source = await ReadAsync(server.Options("root"));
        Assert.True(source.Facts.IsRoot);

        var access = HelperLogin.Create(Secrets, source.Endpoint, sendsKeys: false);
        Assert.Equal(PublicKey(type), Assert.Single(access.PublicKeys));
        using var signer = new LoginSigner(Secrets, source.Endpoint);
        Assert.NotNull(signer);
    }

    [Theory]
    [InlineData(@"\\.\pipe\openssh-ssh-agent", @"\\.\pipe\openssh-ssh-agent", @"\\.\pipe\pageant.ann.00ff")]
    [InlineData(@"\\.\pipe\pageant.Ann.00ff", @"\\.\pipe\pageant.bob.00ff", @"\\.\pipe\pageant.Ann.00ff", @"\\.\pipe\other")]
    [InlineData(null, @"\\.\pipe\pageant.annette.00ff")]
    public void On_Windows_the_pipe_of_OpenSSH_or_of_this_user_s_Pageant_is_taken(string? chosen, params string[] pipes) =>
        Assert.Equal(chosen, SshAgent.ChoosePipe(pipes, "ann"));

    [Fact]
    public async Task They_cannot_be_handed_over()
    {
        AddKey("ed25519");
        var source = await ReadAsync(server.Options("root"));
        var error = Assert.Throws<P2VException>(() => HelperLogin.Create(Secrets, source.Endpoint, sendsKeys: true));
        Assert.Equal(ErrorIds.SourceKeyUnreadable, error.ErrorId);
        Assert.Contains("-AllowUnattended", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_without_a_key_one_that_is_gone_and_none_are_told()
    {
        Assert.Contains("holds no key", await FailAsync(), StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, Path.Combine(folder, "gone.sock"));
        Assert.Contains("does not answer", await FailAsync(), StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.Contains("SSH_AUTH_SOCK is not set", await FailAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_know_is_a_refused_login()
    {
        Command.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", $"{folder}/stranger");
        Command.Run("ssh-add", "-q", $"{folder}/stranger");
        var error = await Assert.ThrowsAsync<P2VException>(() => ReadAsync(server.Options("root")));
        Assert.Equal(ErrorIds.SourceAuthenticationFailed, error.ErrorId);
        Assert.Contains("the keys of ssh-agent", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, before);
        agent.Kill();
        agent.WaitForExit();
        agent.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void AddKey(string type)
    {
        Command.Run("ssh-keygen", "-q", "-t", type, "-N", "", "-f", $"{folder}/{type}");
        File.AppendAllText($"{server.Folder}/authorized", File.ReadAllText($"{folder}/{type}.pub"));
        Command.Run("ssh-add", "-q", $"{folder}/{type}");
    }

    private string PublicKey(string type) => string.Join(' ', File.ReadAllText($"{folder}/{type}.pub").Split(' ').Take(2)).Trim();

    private async Task<string> FailAsync()
    {
        var error = await Assert.ThrowsAsync<P2VException>(() => ReadAsync(server.Options("root")));
        Assert.Equal(ErrorIds.SourceKeyUnreadable, error.ErrorId);
        return error.Message;
    }

    private static Task<DiscoveredSource> ReadAsync(SourceConnectionOptions options) =>
        SourceDiscovery.ReadAsync(options, Secrets, NullConsole.Instance, CancellationToken.None);
}
