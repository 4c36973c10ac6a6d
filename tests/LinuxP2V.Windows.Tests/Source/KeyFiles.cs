using System.Text;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Windows.Tests.Source;

/// <summary>One private key as Windows programs save it in their ways, and a second with a passphrase. wine loads no RSA keys.</summary>
internal sealed class KeyFiles(string folder)
{
    public const string Passphrase = "a passphrase";

    public string Folder { get; } = folder;

    public string Plain => Path.Combine(Folder, "plain");

    /// <summary>The public keys, for sshd.</summary>
    public string Authorized => Path.Combine(Folder, "authorized");

    public static async Task<KeyFiles> MakeAsync(string folder)
    {
        var keys = new KeyFiles(Directory.CreateDirectory(folder).FullName);
        var encrypted = Path.Combine(folder, "encrypted");
        await GenerateAsync(keys.Plain);
        await GenerateAsync(encrypted, Passphrase);
        await File.WriteAllTextAsync(
            keys.Authorized,
            await File.ReadAllTextAsync(keys.Plain + ".pub") + await File.ReadAllTextAsync(encrypted + ".pub")
        );

        var windowsText = (await File.ReadAllTextAsync(keys.Plain)).Replace("\n", "\r\n", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "crlf"), windowsText, new UTF8Encoding(false));
        await File.WriteAllTextAsync(Path.Combine(folder, "bom-crlf"), windowsText, new UTF8Encoding(true));
        await File.WriteAllTextAsync(Path.Combine(folder, "utf16"), windowsText, Encoding.Unicode);
        return keys;
    }

    public static async Task GenerateAsync(string file, string passphrase = "") =>
        (
            await Command.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "", "-f", file], CancellationToken.None)
        ).OrThrow("No key");
}
