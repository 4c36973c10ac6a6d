using System.Diagnostics;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Helpers;

/// <summary>
/// The conversation with one helper's agent. A dropped connection is opened again and the agent tells what was missed;
/// requests keep their ids, so that nothing runs twice.
/// </summary>
internal sealed class HelperSession : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(15);

    /// <summary>A copy tells its progress each second.</summary>
    private static readonly TimeSpan UsualSilence = TimeSpan.FromSeconds(45);

    /// <summary>What others do to the VM of a helper that talks is nothing of haste.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(15);

    /// <summary>An administrator who is asked at night answers in the morning.</summary>
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromDays(1);

    private readonly IAgentConnector connector;
    private readonly HelperEndpoint helper;
    private readonly ConversionKey key;
    private readonly Func<AgentEvent, Task> onEvent;
    private readonly IEngineConsole console;
    private readonly TimeSpan timeout;
    private readonly Func<bool, CancellationToken, Task<bool>> lookAtMachine;
    private readonly TimeSpan silence;
    private readonly LoginSigner? signer;
    private readonly Dictionary<string, AgentEvent> outcomes = [];
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource end = new();
    private readonly Stopwatch sinceLook = Stopwatch.StartNew();
    private Task look = Task.CompletedTask;
    private IAgentChannel? channel;
    private AgentRequest? standing;
    private long sequence;

    /// <param name="timeout">How long an unreachable helper is waited for.</param>
    /// <param name="lookAtMachine">
    /// Called after each failed attempt, with true if nothing answers; now and then; and when a helper at work says nothing: whether
    /// its VM stands still until somebody acts, which is waited for. Throws when waiting is useless, as when the VM is off.
    /// </param>
    /// <param name="signer">Of the helper's logins; null: no key is here. It stays the caller's.</param>
    /// <param name="silence">After which the VM is looked at; null: as is usual.</param>
    public HelperSession(
        IAgentConnector connector,
        HelperEndpoint helper,
        ConversionKey key,
        Func<AgentEvent, Task> onEvent,
        IEngineConsole console,
        TimeSpan timeout,
        Func<bool, CancellationToken, Task<bool>> lookAtMachine,
        LoginSigner? signer = null,
        TimeSpan? silence = null
    )
    {
        this.connector = connector;
        this.helper = helper;
        this.key = key;
        this.onEvent = onEvent;
        this.console = console;
        this.timeout = timeout;
        this.lookAtMachine = lookAtMachine;
        this.silence = silence ?? UsualSilence;
        this.signer = signer;
    }

    /// <summary>The agent's answer to the newest greeting.</summary>
    public HelloEvent? Hello { get; private set; }

    /// <summary>
    /// Connects and greets. All events since the daemon's start come again: outcomes of an earlier driver's requests
    /// are among them.
    /// </summary>
    public Task ConnectAsync(CancellationToken cancellationToken) => ReconnectAsync(null, cancellationToken);

    /// <summary>Runs one operation to its end, over as many connections as it takes.</summary>
    /// <param name="request">Sent unless the agent already runs or ran it.</param>
    /// <exception cref="P2VException">The operation failed, or the helper is gone (HelperConnectionLost).</exception>
    /// <exception cref="HelperRestartedException">The daemon is another one than at the start: its memory is gone.</exception>
    /// <exception cref="ServicesReleasedException">
    /// The daemon was alone for so long that it started the source's services again.
    /// </exception>
    public async Task RunAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        await SendAsync(request, cancellationToken).ConfigureAwait(false);
        while (!outcomes.ContainsKey(request.RequestId))
        {
            if (!await ReadEventAsync(cancellationToken).ConfigureAwait(false))
            {
                await ReconnectAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }

        if (outcomes[request.RequestId] is OperationFailedEvent failed)
        {
            throw new P2VException(failed.Error);
        }
    }

    /// <summary>
    /// Asks the agent to stop what it does and waits until it has stopped: it answers then. The stop may have come
    /// before the operation was asked for, which thus may have no outcome.
    /// </summary>
    public async Task CancelAsync(string requestId, CancellationToken cancellationToken)
    {
        var cancel = new CancelRequest { RequestId = $"cancel-{Guid.NewGuid():N}" };
        await SendAsync(cancel, cancellationToken).ConfigureAwait(false);
        while (
            !outcomes.ContainsKey(requestId)
            && !outcomes.ContainsKey(cancel.RequestId)
            && await ReadEventAsync(cancellationToken).ConfigureAwait(false)
        ) { }
    }

    /// <summary>
    /// Says something that holds from now on and that nobody waits for: at once, beside whatever runs, and again on each
    /// new connection. A newer one takes the place of an older one. Called from any thread.
    /// </summary>
    public async Task AnnounceAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        standing = request;
        try
        {
            // While a connection is being made this waits, and comes after its greeting.
            await WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            // The next connection says it.
        }
    }

    public void Dispose()
    {
        end.Cancel();
        end.Dispose();
        channel?.Dispose();
        writing.Dispose();
    }

    private async Task WriteAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteNowAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            writing.Release();
        }
    }

    private Task WriteNowAsync(AgentRequest request, CancellationToken cancellationToken) =>
        channel!.WriteLineAsync(AgentLine.Format(request), cancellationToken);

    private async Task SendAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            await ReconnectAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>False when the connection has ended.</returns>
    private async Task<bool> ReadEventAsync(CancellationToken cancellationToken)
    {
        string? line;
        try
        {
            line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            return false;
        }

        if (line is null)
        {
            return false;
        }

        await TakeAsync(AgentLine.Parse(line), cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// The connection to a VM that stands still seems open for a quarter of an hour. A server that takes its time with the look
    /// does not keep the helper from being heard.
    /// </summary>
    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var reading = channel!.ReadLineAsync(cancellationToken);
        while (true)
        {
            if (sinceLook.Elapsed > LookInterval)
                _ = LookAsync();

            using (var heard = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                var isHeard = await Task.WhenAny(reading, Task.Delay(silence, heard.Token)).ConfigureAwait(false) == reading;
                heard.Cancel();
                if (isHeard)
                {
                    return await reading.ConfigureAwait(false);
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            var looking = LookAsync();
            if (await Task.WhenAny(reading, looking).ConfigureAwait(false) == reading)
            {
                return await reading.ConfigureAwait(false);
            }

            await looking.ConfigureAwait(false);
        }
    }

    /// <summary>One at a time, while the connection is open.</summary>
    private Task LookAsync()
    {
        if (look.IsCompleted)
        {
            sinceLook.Restart();
            look = lookAtMachine(false, end.Token);
            // Nobody asks what it found of a helper that was heard meanwhile.
            _ = look.ContinueWith(
                task => task.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default
            );
        }

        return look;
    }

    private async Task TakeAsync(AgentEvent agentEvent, CancellationToken cancellationToken)
    {
        if (agentEvent.Sequence > 0)
        {
            if (agentEvent.Sequence <= sequence)
            {
                return;
            }

            sequence = agentEvent.Sequence;
        }

        switch (agentEvent)
        {
            case OperationCompletedEvent completed:
                outcomes[completed.RequestId] = completed;
                break;
            case OperationFailedEvent failed:
                outcomes[failed.RequestId] = failed;
                break;
            case SignatureNeededEvent question:
                await SignAsync(question, cancellationToken).ConfigureAwait(false);
                return;
        }

        await onEvent(agentEvent).ConfigureAwait(false);
    }

    /// <summary>What another's key shall sign waits for whoever has it.</summary>
    private async Task SignAsync(SignatureNeededEvent question, CancellationToken cancellationToken)
    {
        if (signer?.Knows(question) != true)
            return;

        string? signature = null;
        try
        {
            signature = signer.Sign(question);
        }
        catch (InvalidDataException exception)
        {
            console.Warning($"The helper asked for a signature to log in, and did not get it: {exception.Message}.");
        }

        var answer = new SignatureRequest
        {
            RequestId = $"signature-{question.SignatureId}",
            SignatureId = question.SignatureId,
            Signature = signature,
        };
        try
        {
            await WriteAsync(answer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            // It is asked again on the next connection.
        }
    }

    /// <param name="pending">Sent again afterwards: the agent may not have got it, and does not run it twice.</param>
    private async Task ReconnectAsync(AgentRequest? pending, CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + timeout;
        var lastDeadline = DateTime.UtcNow + LongestStandstill;
        var pause = FirstRetry;
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                await OpenAsync(cancellationToken).ConfigureAwait(false);
                if (pending is not null)
                {
                    await WriteAsync(pending, cancellationToken).ConfigureAwait(false);
                }

                return;
            }
            catch (Exception exception) when (IsConnectionFailure(exception) || IsMismatch(exception))
            {
                var standsStill = false;
                if (IsMismatch(exception))
                {
                    // The address of a VM that stands still may be another machine's meanwhile.
                    standsStill = await lookAtMachine(false, cancellationToken).ConfigureAwait(false);
                    if (!standsStill && Hello is null)
                        throw;

                    // A VM that was reset has another key. So has a stranger with its address: a new deployment tells them apart.
                    if (!standsStill)
                    {
                        console.Warning(exception.Message);
                        throw new HelperRestartedException();
                    }
                }

                if (DateTime.UtcNow > deadline)
                {
                    throw new P2VException(
                        ErrorIds.HelperConnectionLost,
                        $"The helper at {helper.Host}:{helper.Port} has not answered for {timeout.TotalMinutes:F0} minutes.",
                        "Look at the VM's console and at the network between here and the helper; "
                            + "then Resume-P2VConversion goes on with what is copied.",
                        innerException: exception
                    );
                }

                if (isFirst && pending is not null)
                {
                    console.Warning($"The connection to the helper was lost ({exception.Message}); its work goes on, connecting again.");
                }

                standsStill = standsStill || await lookAtMachine(true, cancellationToken).ConfigureAwait(false);
                if (standsStill && DateTime.UtcNow < lastDeadline)
                {
                    deadline = DateTime.UtcNow + timeout;
                }

                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestRetry.Ticks));
            }
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            channel?.Dispose();
            channel = await connector.ConnectAsync(helper, key, cancellationToken).ConfigureAwait(false);
            await WriteNowAsync(
                    new HelloRequest
                    {
                        RequestId = "hello",
                        Version = ProtocolVersion.Current,
                        AfterSequence = sequence,
                        CanSign = signer is { HasKeys: true },
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (this.standing is { } standing)
            {
                await WriteNowAsync(standing, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            writing.Release();
        }

        // An earlier connection's last events may still come first.
        while (true)
        {
            var line =
                await channel.ReadLineAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new IOException("the helper closed the connection");
            var answer = AgentLine.Parse(line);
            if (answer is HelloEvent greeting)
            {
                Accept(greeting);
                return;
            }

            if (answer is OperationFailedEvent { RequestId: "hello" } refused)
            {
                throw new P2VException(refused.Error);
            }

            // Nothing is signed before the greeting: it is asked again.
            if (answer is not SignatureNeededEvent)
                await TakeAsync(answer, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Accept(HelloEvent greeting)
    {
        if (greeting.Version != ProtocolVersion.Current)
        {
            throw new P2VException(
                ErrorIds.HelperVersionMismatch,
                $"The helper speaks protocol {greeting.Version}, this module {ProtocolVersion.Current}.",
                "Use the helper image that belongs to this module: Get-P2VHelperImage shows it."
            );
        }

        // The daemon behind the connection is the one that was announced, and stays it.
        if (greeting.BootId != (Hello?.BootId ?? helper.BootId))
        {
            throw new HelperRestartedException();
        }

        if (greeting.ServiceReleases > Hello?.ServiceReleases)
        {
            throw new ServicesReleasedException();
        }

        Hello = greeting;
    }

    /// <summary>Another machine answers than the helper that announced itself.</summary>
    private static bool IsMismatch(Exception exception) => exception is P2VException { ErrorId: ErrorIds.HelperHostKeyMismatch };

    private static bool IsConnectionFailure(Exception exception) =>
        exception
            is IOException
                or System.Net.Sockets.SocketException
                or ObjectDisposedException
                or Renci.SshNet.Common.SshException
                or TimeoutException;
}
