namespace LinuxP2V.Windows.Tests.Source;

/// <summary>What an sshd offers.</summary>
internal sealed record Algorithms(string Ciphers, string Macs, string KeyExchanges)
{
    /// <summary>mono has no AES-GCM.</summary>
    public static Algorithms ForMono { get; } = new("aes256-ctr", "hmac-sha2-256", "diffie-hellman-group14-sha256");
}
