using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>
/// Asks the engines that are connected to sign. A question stands until one of them answers, or whoever asks has gone: it is
/// no part of the event log.
/// </summary>
internal sealed class EngineSignatures : ISignatures
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Question> questions = [];
    private readonly HashSet<Func<AgentEvent, Task>> engines = [];
    private TaskCompletionSource present = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool isWaitTold;

    /// <summary>Where it is said that something waits; set once, when the daemon has its log.</summary>
    public IEventSink? Sink { get; set; }

    public async Task WaitForEngineAsync(string purpose, CancellationToken cancellationToken)
    {
        Task arrival;
        bool isNew;
        lock (gate)
        {
            arrival = present.Task;
            isNew = !arrival.IsCompleted && !isWaitTold;
            isWaitTold |= isNew;
        }

        if (isNew)
        {
            Sink?.Warning(
                $"No engine that has the key is connected: {purpose} waits for one. Resume-P2VConversion with -KeyFile connects; "
                    + "-AllowUnattended of New-P2VTask gives the helper the key."
            );
        }

        await arrival.WaitAsync(cancellationToken);
    }

    public async Task<byte[]?> SignAsync(SignatureNeededEvent question, CancellationToken cancellationToken)
    {
        var asked = new Question(question with { Time = DateTimeOffset.UtcNow });
        List<Func<AgentEvent, Task>> connected;
        lock (gate)
        {
            questions[question.SignatureId] = asked;
            connected = [.. engines];
        }

        try
        {
            // Beside each other: a connection that hangs holds up nobody.
            foreach (var tellAsync in connected)
                _ = tellAsync(asked.Event);

            return await asked.Answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (gate)
                questions.Remove(question.SignatureId);
        }
    }

    /// <summary>An engine that can sign has been greeted. It gets what stands, and what comes.</summary>
    /// <param name="tellAsync">Sends to it; never throws.</param>
    public void Join(Func<AgentEvent, Task> tellAsync)
    {
        List<Question> standing;
        lock (gate)
        {
            engines.Add(tellAsync);
            standing = [.. questions.Values];
            isWaitTold = false;
            present.TrySetResult();
        }

        foreach (var question in standing)
            _ = tellAsync(question.Event);
    }

    public void Leave(Func<AgentEvent, Task> tellAsync)
    {
        lock (gate)
        {
            if (engines.Remove(tellAsync) && engines.Count == 0)
                present = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Take(SignatureRequest answer)
    {
        lock (gate)
        {
            if (questions.TryGetValue(answer.SignatureId, out var question))
                question.Answer.TrySetResult(Decode(answer.Signature));
        }
    }

    private static byte[]? Decode(string? signature)
    {
        if (signature is null)
            return null;

        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var count) ? bytes[..count] : null;
    }

    private sealed record Question(SignatureNeededEvent Event)
    {
        public TaskCompletionSource<byte[]?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
