using System.Security.Cryptography;
using System.Text;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Ssh;
using Renci.SshNet;
using Renci.SshNet.Security;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>A helper in wrong hands gets a signature for no login but its own.</summary>
[Collection(nameof(SshServer))]
public sealed class LoginSignerTests : IDisposable
{
    private readonly byte[] session = RandomNumberGenerator.GetBytes(32);
    private readonly SshServer server;
    private readonly PrivateKeyFile key;
    private readonly LoginSigner signer;

    public LoginSignerTests(SshServer server)
    {
        this.server = server;
        key = SshPrivateKey.Read(Secrets, "127.0.0.1")!;
        signer = new LoginSigner(
            Secrets,
            new SourceEndpoint
            {
                Host = "127.0.0.1",
                User = "root",
                HostKeys = [server.HostKey("ed25519"), server.HostKey("rsa")],
            }
        );
    }

    private SourceSecrets Secrets => new() { PrivateKey = server.Key("pem"), Passphrase = SshServer.Passphrase };

    private byte[] PublicKey => key.HostKeyAlgorithms.First().Data;

    [Theory]
    [InlineData("ed25519", 2, "rsa-sha2-256")]
    [InlineData("rsa", 4, "rsa-sha2-512")]
    [InlineData("rsa", 0, "ssh-rsa")]
    public void A_login_to_the_source_is_signed(string hostKey, int flags, string algorithm)
    {
        var data = Login();
        var signature = Convert.FromBase64String(signer.Sign(Question(data, hostKey) with { Flags = flags }));
        Assert.True(key.HostKeyAlgorithms.First(candidate => candidate.Name == algorithm).VerifySignature(data, signature));
    }

    [Fact]
    public void A_login_that_names_the_host_key_is_signed() =>
        Assert.NotEmpty(
            signer.Sign(Question([.. Login(method: "publickey-hostbound-v00@openssh.com"), .. SshFields.Encode([1, 2])], "ed25519"))
        );

    [Fact]
    public void Another_user_is_refused() => AssertRefused(Question(Login(user: "admin"), "ed25519"), "no machine, user and key");

    [Fact]
    public void Another_machine_is_refused() => AssertRefused(Question(Login(), "ecdsa"), "no machine, user and key");

    [Fact]
    public void Another_key_is_refused()
    {
        var other = Convert.FromBase64String(server.Key("plain.pub").Split(' ')[1]);
        AssertRefused(Question(Login(publicKey: other), "ed25519"), "no machine, user and key");
        AssertRefused(Question(Login(publicKey: other), "ed25519") with { PublicKey = Convert.ToBase64String(other) }, "no machine");
    }

    [Fact]
    public void A_session_that_the_machine_did_not_sign_is_refused()
    {
        var question = Question(Login(), "ed25519");
        AssertRefused(question with { HostSignature = HostSignature("ed25519", [9, .. session]) }, "did not prove");
        AssertRefused(question with { HostSignature = HostSignature("ecdsa", session) }, "did not prove");
        AssertRefused(question with { HostSignature = "" }, "");
    }

    [Theory]
    [InlineData("SSHSIG")]
    [InlineData("")]
    [InlineData("\0\0\0\u0001a2")]
    public void What_is_no_login_is_refused(string data) => AssertRefused(Question(Encoding.Latin1.GetBytes(data), "ed25519"), "");

    [Theory]
    [InlineData("hostbased", "ssh-connection", 50)]
    [InlineData("publickey", "ssh-other", 50)]
    [InlineData("publickey", "ssh-connection", 80)]
    public void Another_request_is_refused(string method, string service, int kind) =>
        AssertRefused(Question(Login(method: method, service: service, kind: (byte)kind), "ed25519"), "no login by public key");

    [Fact]
    public void Every_broken_question_is_refused()
    {
        var random = new Random(24);
        var good = Login();
        // The name of the algorithm and the byte before it decide nothing.
        var undecided = Enumerable
            .Range(good.Length - PublicKey.Length - 4 - "rsa-sha2-256".Length - 5, "rsa-sha2-256".Length + 5)
            .ToHashSet();
        for (var i = 0; i < 2000; i++)
        {
            var data = good.ToArray();
            var at = random.Next(data.Length);
            if (undecided.Contains(at))
                data = data[..at];
            else
                data[at] ^= (byte)random.Next(1, 256);

            AssertRefused(Question(data, "ed25519"), "");
        }

        AssertRefused(Question(good, "ed25519") with { Data = "no base64!" }, "");
    }

    [Fact]
    public void A_key_of_another_is_not_known() =>
        Assert.False(
            signer.Knows(Question(Login(), "ed25519") with { PublicKey = Convert.ToBase64String([1, 2, 3]) })
                || !signer.Knows(Question(Login(), "ed25519"))
        );

    public void Dispose()
    {
        signer.Dispose();
        key.Dispose();
    }

    private void AssertRefused(SignatureNeededEvent question, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => signer.Sign(question)).Message, StringComparison.Ordinal);

    private SignatureNeededEvent Question(byte[] data, string hostKey) =>
        new()
        {
            SignatureId = "1",
            PublicKey = Convert.ToBase64String(PublicKey),
            Data = Convert.ToBase64String(data),
            Flags = 2,
            HostKey = server.HostKey(hostKey).Split(' ')[1],
            HostSignature = HostSignature(hostKey, session),
        };

    private string HostSignature(string hostKey, byte[] data)
    {
        using var file = SshPrivateKey.Read(new SourceSecrets { PrivateKey = server.Key($"host_{hostKey}") }, "127.0.0.1")!;
        return Convert.ToBase64String(file.HostKeyAlgorithms.First(algorithm => algorithm is KeyHostAlgorithm).Sign(data));
    }

    private byte[] Login(
        string user = "root",
        string service = "ssh-connection",
        string method = "publickey",
        byte kind = 50,
        byte[]? publicKey = null
    ) =>
        [
            .. SshFields.Encode(session),
            kind,
            .. SshFields.Encode(Encoding.UTF8.GetBytes(user)),
            .. SshFields.Encode(Encoding.UTF8.GetBytes(service)),
            .. SshFields.Encode(Encoding.UTF8.GetBytes(method)),
            1,
            .. SshFields.Encode("rsa-sha2-256"u8.ToArray()),
            .. SshFields.Encode(publicKey ?? PublicKey),
        ];
}
