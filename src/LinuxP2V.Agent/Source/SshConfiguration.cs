using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// The OpenSSH client's configuration and known hosts for one source and the machines on the way to it, as two files
/// without a secret. The source is the host <c>hop0</c>, its jump host <c>hop1</c>, and so on.
/// </summary>
internal static class SshConfiguration
{
    /// <summary>Hardware AES is what carries a copy at line speed; the client's own first choice takes nearly twice as long.</summary>
    private const string Ciphers =
        "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr";

    /// <summary>For a CPU that must calculate AES step by step, at either end.</summary>
    private const string CiphersWithoutAes =
        "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com";

    /// <summary>The client's options for a connection that carries data; what it says comes before the configuration.</summary>
    /// <param name="haveAes">Both ends' CPUs have instructions for AES.</param>
    public static IReadOnlyList<string> DataOptions(bool haveAes) => ["-o", $"Ciphers={(haveAes ? Ciphers : CiphersWithoutAes)}"];

    public static string Alias(int hop) => string.Create(CultureInfo.InvariantCulture, $"hop{hop}");

    /// <summary>The source first, then the machines on the way, from it towards us.</summary>
    public static IReadOnlyList<SourceAccess> Hops(SourceAccess access)
    {
        var hops = new List<SourceAccess>();
        for (var hop = access; hop is not null; hop = hop.JumpHost)
            hops.Add(hop);

        return hops;
    }

    /// <summary>The names that hop's key goes by here do not depend on host or port, so a port needs no form of its own.</summary>
    public static string KnownHosts(IReadOnlyList<SourceAccess> hops)
    {
        var text = new StringBuilder();
        for (var i = 0; i < hops.Count; i++)
        {
            foreach (var key in hops[i].HostKeys)
                text.Append(CultureInfo.InvariantCulture, $"{Alias(i)} {PlainKey(key)}\n");
        }

        return text.ToString();
    }

    /// <param name="agentSockets">The ssh-agent of each hop that has a private key.</param>
    /// <param name="certificates">The file with the user certificate of each hop that has one.</param>
    public static string Build(
        IReadOnlyList<SourceAccess> hops,
        string configurationPath,
        string knownHostsPath,
        IReadOnlyDictionary<int, string> agentSockets,
        IReadOnlyDictionary<int, string> certificates
    )
    {
        var text = new StringBuilder();
        for (var i = 0; i < hops.Count; i++)
        {
            var hop = hops[i];
            text.Append(
                CultureInfo.InvariantCulture,
                $"""
                Host {Alias(i)}
                  HostName {Value(hop.Host.Replace("%", "%%", StringComparison.Ordinal))}
                  Port {hop.Port}
                  User {Value(hop.User)}
                  HostKeyAlias {Alias(i)}
                  HostKeyAlgorithms {HostKeyAlgorithms(hop)}
                  IdentityAgent {(agentSockets.TryGetValue(i, out var agent) ? Value(agent) : "none")}
                  CertificateFile {(certificates.TryGetValue(i, out var certificate) ? Value(certificate) : "none")}
                  PubkeyAuthentication {(agentSockets.ContainsKey(i) ? "yes" : "no")}
                  PasswordAuthentication {(hop.Password is null ? "no" : "yes")}
                  KbdInteractiveAuthentication {(hop.Password is null ? "no" : "yes")}
                  BatchMode {(hop.Password is null ? "yes" : "no")}

                """
            );
            if (i + 1 < hops.Count)
            {
                // The next hop has an askpass ticket of its own, which this hop's ssh must not use.
                var configuration = PosixShell.Quote(configurationPath.Replace("%", "%%", StringComparison.Ordinal));
                var jump =
                    $"{AskPass.TicketVariable}=\"${AskPass.TicketVariable}_{i + 1}\" "
                    + $"exec ssh -F {configuration} -W '[%h]:%p' {Alias(i + 1)}";
                text.Append(CultureInfo.InvariantCulture, $"  ProxyCommand sh -c {PosixShell.Quote(jump)}\n");
            }
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"""
            Host *
              UserKnownHostsFile {Value(knownHostsPath)}
              GlobalKnownHostsFile /dev/null
              StrictHostKeyChecking yes
              UpdateHostKeys no
              CheckHostIP no
              Ciphers {Ciphers}
              KexAlgorithms +diffie-hellman-group14-sha1
              PubkeyAcceptedAlgorithms +ssh-rsa
              PreferredAuthentications publickey,password,keyboard-interactive
              NumberOfPasswordPrompts 1
              IdentityFile none
              GSSAPIAuthentication no
              HostbasedAuthentication no
              ControlMaster no
              ControlPath none
              ForwardAgent no
              ForwardX11 no
              ClearAllForwardings yes
              PermitLocalCommand no
              RequestTTY no
              EscapeChar none
              Compression no
              ConnectTimeout 20
              ServerAliveInterval 15
              ServerAliveCountMax 4
              TCPKeepAlive yes
              LogLevel INFO
              SendEnv LC_ALL

            """
        );
        return text.ToString();
    }

    /// <summary>Only the kinds of key that were accepted: a server with more must not show another one.</summary>
    private static string HostKeyAlgorithms(SourceAccess hop)
    {
        var algorithms = hop
            .HostKeys.Select(key => key.Trim().Split(' ')[0])
            .Distinct()
            .SelectMany(type =>
                type == "ssh-rsa"
                    // The last one signs with SHA-1: all that a source of 2012 knows.
                    ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
                    : new[] { type }
            )
            .ToList();
        return algorithms.Count > 0
            ? string.Join(',', algorithms)
            : throw new AgentException(
                ErrorIds.SourceHostKeyUnknown,
                $"No host key of {hop.Host} was handed to the helper.",
                "Read the source again with Get-P2VSource, so that its host key is known."
            );
    }

    private static string PlainKey(string key)
    {
        var fields = key.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 2
            ? $"{fields[0]} {fields[1]}"
            : throw new AgentException(
                ErrorIds.SourceHostKeyUnknown,
                $"The host key '{key}' is not an algorithm and a base64 text.",
                "Read the source again with Get-P2VSource, so that its host key is known."
            );
    }

    /// <summary>ssh_config has no escape inside quotes, and a line of its own would be an option of its own.</summary>
    private static string Value(string value) =>
        value.AsSpan().ContainsAny("\"\n\r\0") || value.StartsWith('-')
            ? throw new AgentException(
                ErrorIds.HelperCannotReachSource,
                $"'{value}' cannot be a host or user name.",
                "Name the source by its host name or address and a plain user name."
            )
            : $"\"{value}\"";
}
