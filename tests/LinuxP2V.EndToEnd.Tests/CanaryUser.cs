using System.Text;
using LinuxP2V.Engine.Access;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>A secret that is looked for.</summary>
/// <param name="Forms">In which it may be there: one is enough.</param>
internal sealed record Canary(string What, IReadOnlyList<byte[]> Forms)
{
    public static Canary Text(string what, string text) => new(what, [Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text)]);

    /// <summary>
    /// Bytes as they are, or in base64 with other bytes around them and line ends between: two pieces of each alignment.
    /// </summary>
    public static Canary Binary(string what, byte[] bytes)
    {
        var pieces =
            from start in Enumerable.Range(0, 3)
            from at in new[] { start, start + 15 }
            select Convert.ToBase64String(bytes, at, 12);
        return new(what, [bytes, .. pieces.SelectMany(piece => Text(what, piece).Forms)]);
    }

    /// <summary>The private half of an Ed25519 key, in each form.</summary>
    /// <param name="privateKey">The lines of a key file of OpenSSH without a passphrase.</param>
    /// <param name="publicKey">As in its file .pub.</param>
    public static Canary Key(string what, string[] privateKey, string publicKey) =>
        Binary(what, SeedOf(privateKey, Convert.FromBase64String(publicKey.Split(' ')[1])));

    public bool IsIn(ReadOnlySpan<byte> bytes)
    {
        foreach (var form in Forms)
        {
            if (bytes.IndexOf(form) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>OpenSSH writes the private half as the seed with the public half behind it.</summary>
    private static byte[] SeedOf(string[] privateKey, byte[] publicKey)
    {
        var blob = Convert.FromBase64String(string.Concat(privateKey.Where(line => !line.StartsWith('-'))));
        return blob.AsSpan(blob.AsSpan().LastIndexOf(publicKey.AsSpan(publicKey.Length - 32)) - 32, 32).ToArray();
    }
}

/// <summary>A user of the source who logs in by a locked key and becomes root by sudo with a password. All secrets are new.</summary>
internal sealed class CanaryUser
{
    public const string Name = "canary";

    private readonly SourceMachine source;

    private CanaryUser(SourceMachine source, SourceSecrets secrets, Canary key)
    {
        this.source = source;
        Secrets = secrets;
        Canaries = [key, Canary.Text("the passphrase", secrets.Passphrase!), Canary.Text("sudo's password", secrets.SudoPassword!)];
    }

    public SourceSecrets Secrets { get; }

    public IReadOnlyList<Canary> Canaries { get; }

    /// <param name="folder">Gets a folder with the key while it is made, and no more.</param>
    public static async Task<CanaryUser> CreateAsync(SourceMachine source, string folder)
    {
        var keys = Directory.CreateDirectory(Path.Combine(folder, "keys")).FullName;
        try
        {
            var (file, passphrase) = (Path.Combine(keys, "id"), $"passphrase-{Guid.NewGuid():N}");
            await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file);
            var publicKey = (await File.ReadAllTextAsync(file + ".pub")).Trim();
            var key = Canary.Key("the key", await File.ReadAllLinesAsync(file), publicKey);
            await RunAsync("ssh-keygen", "-q", "-p", "-N", passphrase, "-f", file);
            var secrets = new SourceSecrets
            {
                PrivateKey = await File.ReadAllTextAsync(file),
                Passphrase = passphrase,
                SudoPassword = $"sudo-{Guid.NewGuid():N}",
            };
            await OnSourceAsync(
                source,
                $"""
                useradd -m -s /bin/bash {Name} && mkdir -m 700 /home/{Name}/.ssh && cat > /home/{Name}/.ssh/authorized_keys &&
                chown -R {Name}: /home/{Name}/.ssh && echo '{Name} ALL=(ALL) ALL' > /etc/sudoers.d/{Name}
                """,
                publicKey + "\n"
            );
            await OnSourceAsync(source, "chpasswd", $"{Name}:{secrets.SudoPassword}\n");
            return new CanaryUser(source, secrets, key);
        }
        finally
        {
            Directory.Delete(keys, recursive: true);
        }
    }

    public Task RemoveAsync() => OnSourceAsync(source, $"userdel -r {Name}; rm -f /etc/sudoers.d/{Name}", "");

    public static async Task OnSourceAsync(SourceMachine source, string command, string input) =>
        (await source.Root.RunAsync(command, CancellationToken.None, input)).OrThrow("The source was not changed");

    private static async Task RunAsync(string program, params string[] arguments) =>
        (await Command.RunAsync(program, arguments, CancellationToken.None)).OrThrow("The key was not made");
}
