using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Keys as programs write them: read here, and handed to the helper in a form that its ssh-add reads.</summary>
public sealed class PrivateKeyFormatTests : IDisposable
{
    private const string Passphrase = "a passphrase";

    /// <summary>One key, made by puttygen for these tests: it opens nothing.</summary>
    private const string PuttyPublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDvuqrxnGxI8RyOEW1ZTgZ3sUZvKiCCBN8JEBn9D1kd+";

    private const string Putty2 = """
        PuTTY-User-Key-File-2: ssh-ed25519
        Encryption: none
        Comment: fixture
        Public-Lines: 2
        AAAAC3NzaC1lZDI1NTE5AAAAIDvuqrxnGxI8RyOEW1ZTgZ3sUZvKiCCBN8JEBn9D
        1kd+
        Private-Lines: 1
        AAAAIAOKo1aaTzoHp/a7cmcGIZasy5D7O0rHMEwoX1O5Qwtr
        Private-MAC: 14e2711811e789fc66b7a4afa7dfe9bc50df73f2
        """;

    private const string Putty2Locked = """
        PuTTY-User-Key-File-2: ssh-ed25519
        Encryption: aes256-cbc
        Comment: fixture
        Public-Lines: 2
        AAAAC3NzaC1lZDI1NTE5AAAAIDvuqrxnGxI8RyOEW1ZTgZ3sUZvKiCCBN8JEBn9D
        1kd+
        Private-Lines: 1
        j4BrpG55XECp0VvgTqj/ah5CdUx2i7+xvykSZflWh1iydUqij+PAcG4ZhXfUDpbN
        Private-MAC: 0427871bd6dc66cb6bd6f5c9eba0f236de9c8d67
        """;

    private const string Putty3Locked = """
        PuTTY-User-Key-File-3: ssh-ed25519
        Encryption: aes256-cbc
        Comment: fixture
        Public-Lines: 2
        AAAAC3NzaC1lZDI1NTE5AAAAIDvuqrxnGxI8RyOEW1ZTgZ3sUZvKiCCBN8JEBn9D
        1kd+
        Key-Derivation: Argon2id
        Argon2-Memory: 1024
        Argon2-Passes: 144
        Argon2-Parallelism: 1
        Argon2-Salt: 9d71e1c56bf9269fbe302f5259262f56
        Private-Lines: 1
        UJ7wtPmFbjBqHqyUP7NEo2XXX3XurV3c4Kdtn/HJvlLwPR2SGe+EwtHH599CEa09
        Private-MAC: 77f8981088a9e4d31437b9f9ceb2900cc67e97c35fdbaa61ba8678015d16efc7
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("linuxp2v-keys-").FullName;

    private static SourceEndpoint Source => new() { Host = "web01", User = "root" };

    [Theory]
    [InlineData("ed25519", "OpenSSH")]
    [InlineData("ecdsa", "OpenSSH")]
    [InlineData("rsa", "OpenSSH")]
    [InlineData("ecdsa", "PEM")]
    [InlineData("rsa", "PEM")]
    [InlineData("ecdsa", "PKCS8")]
    [InlineData("rsa", "PKCS8")]
    [InlineData("ecdsa-521", "PKCS8")]
    [InlineData("ecdsa-384", "OpenSSH")]
    public void Keys_of_ssh_keygen_are_read_and_handed_on(string type, string format)
    {
        foreach (var passphrase in new[] { "", Passphrase })
        {
            var path = Path.Combine(folder, $"{type}{passphrase.Length}");
            var parts = type.Split('-');
            string[] size = parts.Length > 1 ? ["-b", parts[1]] : [];
            string[] form = format == "OpenSSH" ? [] : ["-m", format];
            Command.Run("ssh-keygen", ["-q", "-t", parts[0], .. size, .. form, "-N", passphrase, "-C", "", "-f", path]);
            AssertHandedOn(File.ReadAllText(path), passphrase, File.ReadAllText(path + ".pub"));
        }
    }

    [Fact]
    public void An_Ed25519_key_of_OpenSSL_is_read_and_handed_on()
    {
        var path = Path.Combine(folder, "key");
        Command.Run("openssl", "genpkey", "-algorithm", "ed25519", "-out", path);
        using var key = SshPrivateKey.Read(new SourceSecrets { PrivateKey = File.ReadAllText(path) }, "web01");
        AssertHandedOn(File.ReadAllText(path), "", SshPrivateKey.PublicKeys(key!).Single());
    }

    [Theory]
    [InlineData(Putty2, "", "\n")]
    [InlineData(Putty2, "", "\r\n")]
    [InlineData(Putty2Locked, Passphrase, "\n")]
    [InlineData(Putty3Locked, Passphrase, "\r\n")]
    public void Keys_of_PuTTY_are_read_and_handed_on(string text, string passphrase, string lineEnd) =>
        AssertHandedOn(text.Replace("\n", lineEnd, StringComparison.Ordinal), passphrase, PuttyPublicKey);

    [Theory]
    [InlineData("wrong")]
    [InlineData(null)]
    public void A_locked_key_without_its_passphrase_is_told(string? passphrase)
    {
        var error = Assert.Throws<P2VException>(() =>
            SshPrivateKey.Read(new SourceSecrets { PrivateKey = Putty3Locked, Passphrase = passphrase }, "web01")
        );
        Assert.Equal(ErrorIds.SourceKeyUnreadable, error.ErrorId);
        Assert.Contains("passphrase", error.Remedy, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void AssertHandedOn(string text, string passphrase, string publicKey)
    {
        var secrets = new SourceSecrets { PrivateKey = text, Passphrase = passphrase };
        var expected = string.Join(' ', publicKey.Split(' ').Take(2)).Trim();
        var kept = HelperLogin.Create(secrets, Source, sendsKeys: false);
        Assert.Equal([expected], kept.PublicKeys);
        Assert.Null(kept.PrivateKey);
        Assert.Null(kept.Passphrase);

        var sent = HelperLogin.Create(secrets, Source, sendsKeys: true);
        Assert.Empty(sent.PublicKeys);
        var path = Path.Combine(folder, Path.GetRandomFileName());
        File.WriteAllText(path, sent.PrivateKey);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(expected, string.Join(' ', Command.Run("ssh-keygen", "-y", "-P", "", "-f", path).Split(' ').Take(2)).Trim());
    }
}
