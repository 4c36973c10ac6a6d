using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// Answers <see cref="AskPass"/> on a socket that only its owner can open. A ticket stands for one process: each kind
/// of secret is given to it once, so that a refused password is not tried until the account is locked.
/// </summary>
internal sealed class AskPassServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Secret> secrets = new();
    private readonly UnixListener listener;

    public AskPassServer(string socketPath)
    {
        SocketPath = socketPath;
        listener = new UnixListener(socketPath, AnswerAsync);
    }

    public string SocketPath { get; }

    /// <returns>A ticket; to be taken back when its process has ended.</returns>
    public string Issue(string? password, string? passphrase)
    {
        var ticket = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        secrets[ticket] = new Secret(password, passphrase);
        return ticket;
    }

    public void Withdraw(string ticket) => secrets.TryRemove(ticket, out _);

    public ValueTask DisposeAsync()
    {
        secrets.Clear();
        return listener.DisposeAsync();
    }

    private async Task AnswerAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        var ticket = await reader.ReadLineAsync(limit.Token) ?? "";
        var prompt = await reader.ReadLineAsync(limit.Token) ?? "";
        if (secrets.TryGetValue(ticket, out var secret) && secret.Take(Prompt.Classify(prompt)) is { } answer)
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer + "\n"), limit.Token);
    }

    private sealed class Secret(string? password, string? passphrase)
    {
        private string? password = password;
        private string? passphrase = passphrase;

        public string? Take(PromptKind kind) =>
            kind switch
            {
                PromptKind.Password => Interlocked.Exchange(ref password, null),
                PromptKind.Passphrase => Interlocked.Exchange(ref passphrase, null),
                _ => null,
            };
    }
}
