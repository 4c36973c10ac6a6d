using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Sources;

[Collection(nameof(SshServer))]
public sealed class HostKeyTests : IDisposable
{
    private readonly SshServer server;

    public HostKeyTests(SshServer server)
    {
        this.server = server;
        File.Delete(server.KnownHosts);
    }

    private SourceSecrets Secrets => new() { PrivateKey = server.Key("plain") };

    private SourceConnectionOptions Strict => server.Options("root") with { HostKeyPolicy = HostKeyPolicy.Strict };

    public void Dispose() => server.Start("ed25519", "rsa", "ecdsa");

    [Fact]
    public async Task Unknown_key_is_refused_with_its_fingerprint()
    {
        var error = await Fails(ErrorIds.SourceHostKeyUnknown, Strict);
        Assert.Contains(server.Fingerprint("ed25519"), error.Message);
        Assert.Contains("-HostKeyFingerprint", error.Remedy);
        Assert.False(File.Exists(server.KnownHosts));
    }

    [Fact]
    public async Task Accepted_key_is_written_for_OpenSSH_to_read_and_known_from_then_on()
    {
        server.Start("ed25519", "rsa");
        await Read(Strict with { HostKeyPolicy = HostKeyPolicy.AcceptNew });

        Assert.Equal($"[127.0.0.1]:{server.Port} {server.HostKey("ed25519")}\n", File.ReadAllText(server.KnownHosts));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.KnownHosts));
        Assert.Contains("ssh-ed25519", Command.Run("ssh-keygen", "-F", $"[127.0.0.1]:{server.Port}", "-f", server.KnownHosts));
        await Read(Strict);
        Assert.Single(File.ReadAllLines(server.KnownHosts));
    }

    [Fact]
    public async Task Folder_of_known_hosts_is_made_for_the_user_alone()
    {
        var folder = $"{server.Folder}/home/.ssh";
        await Read(Strict with { HostKeyPolicy = HostKeyPolicy.AcceptNew, KnownHostsPath = folder + "/known_hosts" });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Directory.Delete($"{server.Folder}/home", recursive: true);
    }

    [Theory]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public async Task Algorithm_that_is_known_is_asked_for_first(string type)
    {
        File.WriteAllText(server.KnownHosts, $"[127.0.0.1]:{server.Port} {server.HostKey(type)}");
        var source = await Read(Strict);
        Assert.Equal([server.HostKey(type)], source.Endpoint.HostKeys);
    }

    [Theory]
    [InlineData(HostKeyPolicy.Strict)]
    [InlineData(HostKeyPolicy.AcceptNew)]
    public async Task Changed_key_is_an_error_under_either_policy(HostKeyPolicy policy)
    {
        File.WriteAllText(server.KnownHosts, $"[127.0.0.1]:{server.Port} {OtherKey()}\n");
        var error = await Fails(ErrorIds.SourceHostKeyChanged, Strict with { HostKeyPolicy = policy });
        Assert.Contains(server.Fingerprint("ed25519"), error.Message);
        Assert.Single(File.ReadAllLines(server.KnownHosts));
    }

    [Fact]
    public async Task Key_of_another_sort_only_is_no_new_one()
    {
        File.WriteAllText(server.KnownHosts, $"[127.0.0.1]:{server.Port} {server.HostKey("rsa")}\n");
        server.Start("ed25519");
        await Fails(ErrorIds.SourceHostKeyChanged, Strict with { HostKeyPolicy = HostKeyPolicy.AcceptNew });
    }

    [Fact]
    public async Task Revoked_key_is_refused()
    {
        File.WriteAllText(
            server.KnownHosts,
            $"@revoked * {server.HostKey("ed25519")}\n[127.0.0.1]:{server.Port} {server.HostKey("ed25519")}\n"
        );
        server.Start("ed25519");
        await Fails(ErrorIds.SourceHostKeyChanged, Strict);
    }

    [Fact]
    public async Task Hashed_names_are_read()
    {
        File.WriteAllText(server.KnownHosts, $"[127.0.0.1]:{server.Port} {server.HostKey("ed25519")}\n");
        Command.Run("ssh-keygen", "-H", "-f", server.KnownHosts);
        Assert.StartsWith("|1|", File.ReadAllText(server.KnownHosts));
        Assert.Equal([server.HostKey("ed25519")], (await Read(Strict)).Endpoint.HostKeys);
    }

    [Theory]
    [InlineData("[127.0.0.*]:*", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[127.0.0.*]:*,![127.0.0.1]:*", false)]
    [InlineData("127.0.0.?", true)]
    [InlineData("@cert-authority *", false)]
    [InlineData("#*", false)]
    public async Task Names_match_as_in_OpenSSH(string names, bool isKnown)
    {
        File.WriteAllText(server.KnownHosts, $"\n# a comment\n{names} {server.HostKey("ed25519")} root@machine\n");
        if (isKnown)
            await Read(Strict);
        else
            await Fails(ErrorIds.SourceHostKeyUnknown, Strict);
    }

    [Fact]
    public async Task Lines_that_hold_no_key_are_passed_over()
    {
        File.WriteAllText(
            server.KnownHosts,
            $"""
            * 1024 35 1234567890123456789
            * ssh-rsa AAAA
            * ssh-rsa {server.HostKey("ed25519").Split(' ')[1]}
            @unknown * {OtherKey()}
            * {server.HostKey("ed25519")}

            """
        );
        await Read(Strict);
    }

    [Theory]
    [InlineData("127.0.0.1", "*", true)]
    [InlineData("127.0.0.*", "[127.0.0.1]:*", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("other", "*", false)]
    [InlineData("127.0.0.1", "other", false)]
    public async Task A_certificate_vouches_for_the_names_in_it(string certified, string names, bool isKnown)
    {
        var authority = MakeCertificate(certified, ["-h"]);
        File.WriteAllText(server.KnownHosts, $"@cert-authority {names} {authority}\n");
        if (isKnown)
            Assert.Equal([server.HostKey("ed25519")], (await Read(Strict)).Endpoint.HostKeys);
        else
            await Fails(ErrorIds.SourceHostKeyUnknown, Strict);
    }

    [Theory]
    [InlineData("-h", "-V", "20200101:20200201")]
    [InlineData("-V", "-1m:+1h")]
    public async Task A_certificate_that_is_over_or_of_a_user_vouches_for_nothing(params string[] arguments)
    {
        File.WriteAllText(server.KnownHosts, $"@cert-authority * {MakeCertificate("127.0.0.1", arguments)}\n");
        await Fails(ErrorIds.SourceHostKeyUnknown, Strict);
        // The key itself may be known.
        File.AppendAllText(server.KnownHosts, $"* {server.HostKey("ed25519")}\n");
        await Read(Strict);
    }

    [Fact]
    public async Task A_revoked_authority_vouches_for_nothing()
    {
        var authority = MakeCertificate("127.0.0.1", ["-h"]);
        File.WriteAllText(server.KnownHosts, $"@cert-authority * {authority}\n@revoked * {authority}\n");
        await Fails(ErrorIds.SourceHostKeyUnknown, Strict);
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public async Task Pinned_fingerprint_of_any_of_the_keys_is_enough(string type)
    {
        var source = await Read(Strict with { PinnedFingerprint = server.Fingerprint(type) });
        Assert.Equal([server.HostKey(type)], source.Endpoint.HostKeys);
        Assert.False(File.Exists(server.KnownHosts));
    }

    [Fact]
    public async Task Wrong_pinned_fingerprint_is_refused()
    {
        var wrong = "SHA256:" + Convert.ToBase64String(new byte[32]).TrimEnd('=');
        var error = await Fails(ErrorIds.SourceHostKeyChanged, Strict with { PinnedFingerprint = wrong });
        Assert.Contains(wrong, error.Message);
    }

    /// <summary>The server shows it from now on.</summary>
    /// <returns>The authority's key.</returns>
    private string MakeCertificate(string names, string[] arguments)
    {
        var authority = $"{server.Folder}/authority";
        if (!File.Exists(authority))
            Command.Run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", authority);

        Command.Run("ssh-keygen", ["-q", "-s", authority, "-I", "host", "-n", names, .. arguments, $"{server.Folder}/host_ed25519.pub"]);
        server.MoreOptions = $"HostCertificate {server.Folder}/host_ed25519-cert.pub";
        server.Start("ed25519");
        server.MoreOptions = "";
        return string.Join(' ', File.ReadAllText(authority + ".pub").Split(' ').Take(2)).Trim();
    }

    private string OtherKey()
    {
        var path = $"{server.Folder}/other";
        Command.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path);
        var key = string.Join(' ', File.ReadAllText(path + ".pub").Split(' ').Take(2));
        File.Delete(path);
        File.Delete(path + ".pub");
        return key;
    }

    private Task<DiscoveredSource> Read(SourceConnectionOptions options) =>
        SourceDiscovery.ReadAsync(options, Secrets, NullConsole.Instance, CancellationToken.None);

    private async Task<P2VException> Fails(string id, SourceConnectionOptions options)
    {
        var error = await Assert.ThrowsAsync<P2VException>(() => Read(options));
        Assert.True(id == error.ErrorId, $"{error.ErrorId}: {error.Message}");
        return error;
    }
}
