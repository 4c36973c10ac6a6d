using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// Answers <see cref="AskPass"/> on a socket that only its owner can open. A ticket stands for one process: each kind
/// of secret is given to it once, so that a refused password is not tried until the account is locked.
/// </summary>
internal sealed class AskPassServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Secret> secrets = new();
    private readonly CancellationTokenSource end = new();
    private readonly Socket listener;
    private readonly Task serving;

    public AskPassServer(string socketPath)
    {
        SocketPath = socketPath;
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen(16);
        serving = AcceptAsync();
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

    public async ValueTask DisposeAsync()
    {
        secrets.Clear();
        await end.CancelAsync();
        listener.Dispose();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var socket = await listener.AcceptAsync(end.Token);
            _ = AnswerAsync(socket);
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
            limit.CancelAfter(TimeSpan.FromSeconds(10));
            var ticket = await reader.ReadLineAsync(limit.Token) ?? "";
            var prompt = await reader.ReadLineAsync(limit.Token) ?? "";
            if (secrets.TryGetValue(ticket, out var secret) && secret.Take(Prompt.Classify(prompt)) is { } answer)
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer + "\n"), limit.Token);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // Whoever asked has gone; ssh then fails and says so.
        }
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
