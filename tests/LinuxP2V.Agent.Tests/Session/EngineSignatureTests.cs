using LinuxP2V.Agent.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>Questions for a signature find an engine that is there, or that comes later.</summary>
public sealed class EngineSignatureTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly FakeWork work = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-daemon-").FullName;
    private readonly CancellationTokenSource end = new();
    private AgentDaemon daemon = null!;
    private Task running = Task.CompletedTask;

    private string SocketPath => Path.Combine(state, "agent.sock");

    public Task InitializeAsync()
    {
        daemon = new AgentDaemon(SocketPath, state, work.Parts, work);
        running = daemon.RunAsync(end.Token);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await end.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await daemon.DisposeAsync();
        end.Dispose();
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task An_engine_that_is_there_is_asked_and_its_answer_taken()
    {
        using var engine = new AttachedAgent(SocketPath);
        await engine.HelloAsync(canSign: true);
        var signing = daemon.Signatures.SignAsync(Question("1"), default);

        Assert.Equal("1", (await NextAsync(engine)).SignatureId);
        await engine.SendAsync(Answer("1", [1, 2, 3]));
        Assert.Equal([1, 2, 3], await signing.WaitAsync(Timeout));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no base64!")]
    public async Task A_refusal_and_nonsense_are_no_signature(string? signature)
    {
        using var engine = new AttachedAgent(SocketPath);
        await engine.HelloAsync(canSign: true);
        var signing = daemon.Signatures.SignAsync(Question("1"), default);
        await NextAsync(engine);
        await engine.SendAsync(Answer("other", [7]));
        await engine.SendAsync(
            new SignatureRequest
            {
                RequestId = "s",
                SignatureId = "1",
                Signature = signature,
            }
        );
        Assert.Null(await signing.WaitAsync(Timeout));
    }

    [Fact]
    public async Task A_question_stands_until_an_engine_comes_and_is_no_part_of_the_log()
    {
        var signing = daemon.Signatures.SignAsync(Question("1"), default);
        using (var first = new AttachedAgent(SocketPath))
        {
            await first.HelloAsync(canSign: true);
            Assert.Equal("1", (await NextAsync(first)).SignatureId);
        }

        using var second = new AttachedAgent(SocketPath);
        await second.HelloAsync(canSign: true);
        Assert.Equal("1", (await NextAsync(second)).SignatureId);
        await second.SendAsync(Answer("1", [9]));
        Assert.Equal([9], await signing.WaitAsync(Timeout));

        using var third = new AttachedAgent(SocketPath);
        Assert.Equal(0, (await third.HelloAsync(canSign: true)).LastSequence);
        Assert.False(File.ReadAllText(Path.Combine(state, "events.log")).Contains("signature", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_engine_without_a_key_is_not_asked_and_ends_no_wait()
    {
        using var other = new AttachedAgent(SocketPath);
        await other.HelloAsync();
        var waiting = daemon.Signatures.WaitForEngineAsync("a login", default);
        var signing = daemon.Signatures.SignAsync(Question("1"), default);
        await other.SendAsync(new SetLimitsRequest { RequestId = "limits" });
        Assert.DoesNotContain(await other.ReadUntilOutcomeAsync("limits"), next => next is SignatureNeededEvent);
        Assert.False(waiting.IsCompleted || signing.IsCompleted);

        using var engine = new AttachedAgent(SocketPath);
        await engine.HelloAsync(canSign: true);
        await waiting.WaitAsync(Timeout);
        Assert.Equal("1", (await NextAsync(engine)).SignatureId);
    }

    [Fact]
    public async Task Whoever_asks_and_goes_is_answered_no_more()
    {
        using var cancel = new CancellationTokenSource();
        var signing = daemon.Signatures.SignAsync(Question("1"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => signing);

        using var engine = new AttachedAgent(SocketPath);
        await engine.HelloAsync(canSign: true);
        _ = daemon.Signatures.SignAsync(Question("2"), default);
        Assert.Equal("2", (await NextAsync(engine)).SignatureId);
    }

    [Fact]
    public async Task A_wait_is_told_once_and_ends_when_an_engine_comes()
    {
        var waiting = Enumerable.Range(0, 3).Select(_ => daemon.Signatures.WaitForEngineAsync("the login to web01", default)).ToList();
        Assert.DoesNotContain(waiting, wait => wait.IsCompleted);
        var (events, _, _) = daemon.Log.ReadAfter(new ReaderPlace(0));
        var warning = Assert.IsType<LogEvent>(Assert.Single(events));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("the login to web01 waits", warning.Message, StringComparison.Ordinal);

        using (var engine = new AttachedAgent(SocketPath))
        {
            await engine.HelloAsync(canSign: true);
            await Task.WhenAll(waiting).WaitAsync(Timeout);
        }

        for (var i = 0; i < 100 && daemon.Signatures.WaitForEngineAsync("x", default).IsCompleted; i++)
            await Task.Delay(100);

        Assert.False(daemon.Signatures.WaitForEngineAsync("another login", default).IsCompleted);
    }

    private static SignatureNeededEvent Question(string id) =>
        new()
        {
            SignatureId = id,
            PublicKey = "AAAA",
            Data = "BBBB",
            HostKey = "CCCC",
            HostSignature = "DDDD",
        };

    private static SignatureRequest Answer(string id, byte[] signature) =>
        new()
        {
            RequestId = $"signature-{id}",
            SignatureId = id,
            Signature = Convert.ToBase64String(signature),
        };

    private static async Task<SignatureNeededEvent> NextAsync(AttachedAgent engine)
    {
        while (true)
        {
            if (await engine.ReadAsync() is SignatureNeededEvent question)
                return question;
        }
    }
}
