using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// An ssh-agent with one hop's private key, so that the key is in memory only: ssh-add reads it from its standard input
/// and asks for the passphrase through <see cref="AskPass"/>.
/// </summary>
internal sealed class KeyAgent : IKeyAgent
{
    private readonly Process process;

    private KeyAgent(Process process, string socketPath)
    {
        this.process = process;
        SocketPath = socketPath;
    }

    public string SocketPath { get; }

    /// <param name="environment">What ssh-add needs to ask for the passphrase.</param>
    public static async Task<KeyAgent> StartAsync(
        SourceAccess hop,
        string socketPath,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo("ssh-agent", ["-D", "-a", socketPath])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var agent = new KeyAgent(ProcessStarter.Start(start), socketPath);
        try
        {
            await agent.WaitForSocketAsync(cancellationToken);
            var variables = new Dictionary<string, string>(environment) { ["SSH_AUTH_SOCK"] = socketPath };
            var added = await Tool.RunAsync("ssh-add", ["-q", "-"], cancellationToken, Normalise(hop.PrivateKey!), variables);
            if (!added.Succeeded)
                throw Unusable(hop, added.LastLines);

            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();

        await process.WaitForExitAsync();
        process.Dispose();
        File.Delete(SocketPath);
    }

    private async Task WaitForSocketAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 100 && !process.HasExited; i++)
        {
            try
            {
                // Connected to, not looked at: the file is there a moment before the agent listens.
                using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, cancellationToken);
            }
        }

        throw new AgentException(
            ErrorIds.AgentFailed,
            "ssh-agent did not start in the helper.",
            "The helper image is damaged: build it anew or download it again."
        );
    }

    /// <summary>A key pasted on Windows has its line ends, and OpenSSH wants the last line ended.</summary>
    private static string Normalise(string key)
    {
        var text = new StringBuilder(key).Replace("\r\n", "\n").Replace('\r', '\n').ToString();
        return text.EndsWith('\n') ? text : text + "\n";
    }

    private static AgentException Unusable(SourceAccess hop, string lastLines) =>
        new(
            ErrorIds.SourceKeyUnreadable,
            $"The private key for {hop} cannot be used in the helper: "
                + $"{(hop.Passphrase is null ? "it may need a passphrase" : "its passphrase may be wrong")}.",
            "Give the key in OpenSSH or PEM form, with its passphrase where it has one.",
            lastLines
        );
}
