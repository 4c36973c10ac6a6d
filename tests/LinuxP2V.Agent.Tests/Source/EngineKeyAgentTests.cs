using System.Net.Sockets;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Ssh;

namespace LinuxP2V.Agent.Tests.Source;

/// <summary>Logins by a key that is not in the helper: OpenSSH's client asks us, and a real ssh-agent plays the engine.</summary>
public sealed class EngineKeyAgentTests : IDisposable
{
    private readonly TestSshServer server = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;
    private readonly RealSigner signer;

    public EngineKeyAgentTests() => signer = new RealSigner(Path.Combine(server.Folder, "user"), Path.Combine(state, "real.sock"));

    private SourceAccess Access => server.Access() with { PrivateKey = null, PublicKeys = [PublicKey] };

    private string PublicKey => string.Join(' ', File.ReadAllText(server.Folder + "/user.pub").Split(' ').Take(2)).Trim();

    [Fact]
    public async Task The_engine_signs_and_no_private_key_is_here()
    {
        await using var source = await ConnectAsync();
        Assert.Equal("0\n", (await source.RunAsync("id -u", default)).Output);

        Assert.NotEmpty(signer.Questions);
        Assert.All(
            signer.Questions,
            question =>
            {
                Assert.Equal(server.HostKey.Split(' ')[1], question.HostKey);
                Assert.NotEmpty(Convert.FromBase64String(question.HostSignature));
                Assert.Equal(PublicKey.Split(' ')[1], question.PublicKey);
            }
        );
        Assert.NotEqual(0, Shell.Try($"grep -rlaF 'PRIVATE KEY' {state}").Code);
    }

    [Fact]
    public async Task Commands_go_over_a_connection_that_is_open_and_ask_nobody()
    {
        await using var source = await ConnectAsync();
        Assert.Equal(("a\n", "b", 3), await RunAsync(source, "echo a; echo b >&2; exit 3"));
        var asked = signer.Questions.Count;
        signer.IsThere = false;

        for (var i = 0; i < 3; i++)
            Assert.Equal(($"{i}\n", "", 0), await RunAsync(source, $"echo {i}"));

        Assert.Equal(asked, signer.Questions.Count);
    }

    [Fact]
    public async Task A_login_waits_for_the_engine()
    {
        await using var source = await ConnectAsync();
        signer.IsThere = false;
        var opening = source.OpenLaneAsync(default);
        Assert.NotSame(opening, await Task.WhenAny(opening, Task.Delay(TimeSpan.FromSeconds(2))));

        signer.IsThere = true;
        await using var lane = await opening.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(lane.IsOpen);
    }

    [Fact]
    public async Task An_engine_that_does_not_sign_is_a_refused_login()
    {
        signer.Refuses = true;
        var error = await Assert.ThrowsAsync<LinuxP2V.Agent.Events.AgentException>(ConnectAsync);
        Assert.Equal(ErrorIds.SourceAuthenticationFailed, error.Error.Id);
    }

    [Fact]
    public async Task A_question_ends_with_the_ssh_that_asked()
    {
        await using var source = await ConnectAsync();
        signer.Holds = true;
        using var cancel = new CancellationTokenSource();
        var opening = source.OpenLaneAsync(cancel.Token);
        for (var i = 0; i < 100 && signer.Held == 0; i++)
            await Task.Delay(100);

        Assert.Equal(1, signer.Held);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        for (var i = 0; i < 100 && signer.Held > 0; i++)
            await Task.Delay(100);

        Assert.Equal(0, signer.Held);
    }

    [Fact]
    public async Task Whoever_does_not_say_whom_the_login_is_for_gets_no_signature()
    {
        var path = Path.Combine(state, "agent.sock");
        await using var agent = new EngineKeyAgent([PublicKey], path, signer);
        var key = Convert.FromBase64String(PublicKey.Split(' ')[1]);

        // The list of keys, then a question with nothing before it.
        Assert.Equal(12, (await AskAsync(path, [11]))[0]);
        Assert.Equal([5], await AskAsync(path, [13, .. SshFields.Encode(key), .. SshFields.Encode([1, 2, 3]), 0, 0, 0, 0]));
        Assert.Empty(signer.Questions);
    }

    [Fact]
    public async Task What_is_no_message_ends_the_connection_and_no_more()
    {
        var path = Path.Combine(state, "agent.sock");
        await using var agent = new EngineKeyAgent([PublicKey], path, signer);
        var random = new Random(24);
        for (var i = 0; i < 300; i++)
        {
            var message = new byte[random.Next(1, 60)];
            random.NextBytes(message);
            message[0] = (byte)random.Next(10, 28);
            _ = await AskAsync(path, message);
        }

        Assert.Empty(await AskAsync(path, [], length: int.MaxValue));
        Assert.Equal(12, (await AskAsync(path, [11]))[0]);
        Assert.Empty(signer.Questions);
    }

    public void Dispose()
    {
        signer.Dispose();
        server.Dispose();
        Directory.Delete(state, recursive: true);
    }

    private Task<ISource> ConnectAsync() =>
        new SshSourceConnector(Path.Combine(state, "agent"), signer).ConnectAsync(Access, new EventRecorder(), default);

    private static async Task<(string, string, int)> RunAsync(ISource source, string script)
    {
        var result = await source.RunAsync(script, default);
        return (result.Output, result.Error, result.ExitCode);
    }

    /// <returns>The answer without its length; empty where there is none.</returns>
    private static async Task<byte[]> AskAsync(string path, byte[] message, int? length = null)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync((byte[])[.. SshFields.Encode((uint)(length ?? message.Length)), .. message]);
        var head = new byte[4];
        if (await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false) < 4)
            return [];

        var answer = new byte[new SshFields(head).Number()];
        await stream.ReadExactlyAsync(answer);
        return answer;
    }

    /// <summary>A real ssh-agent in the engine's place.</summary>
    private sealed class RealSigner : ISignatures, IDisposable
    {
        private readonly string socketPath;
        private readonly System.Diagnostics.Process process;
        private readonly List<SignatureNeededEvent> questions = [];

        public RealSigner(string keyPath, string socketPath)
        {
            this.socketPath = socketPath;
            process = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("ssh-agent", ["-D", "-a", socketPath]) { RedirectStandardOutput = true }
            )!;
            Shell.Run(
                $"for i in $(seq 100); do SSH_AUTH_SOCK={socketPath} ssh-add -q {keyPath} 2>/dev/null && exit; sleep 0.05; done; exit 1"
            );
        }

        public bool IsThere { get; set; } = true;

        public bool Refuses { get; set; }

        /// <summary>Questions are left without an answer.</summary>
        public bool Holds { get; set; }

        public int Held { get; private set; }

        public List<SignatureNeededEvent> Questions => questions;

        public async Task WaitForEngineAsync(string purpose, CancellationToken cancellationToken)
        {
            while (!IsThere)
                await Task.Delay(50, cancellationToken);
        }

        public async Task<byte[]?> SignAsync(SignatureNeededEvent question, CancellationToken cancellationToken)
        {
            lock (questions)
                questions.Add(question);

            if (Refuses)
                return null;

            if (Holds)
            {
                Held++;
                try
                {
                    await Task.Delay(System.Threading.Timeout.Infinite, cancellationToken);
                }
                finally
                {
                    Held--;
                }
            }

            var answer = await AskAsync(
                socketPath,
                [
                    13,
                    .. SshFields.Encode(Convert.FromBase64String(question.PublicKey)),
                    .. SshFields.Encode(Convert.FromBase64String(question.Data)),
                    .. SshFields.Encode((uint)question.Flags),
                ]
            );
            return answer[0] == 14 ? answer[5..] : null;
        }

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
