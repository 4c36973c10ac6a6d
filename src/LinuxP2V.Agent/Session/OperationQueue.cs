using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>
/// Runs requests one at a time, in the order they came, whether or not a connection still listens. A request id runs
/// once; an engine that sends it again finds its outcome in the event log.
/// </summary>
/// <param name="setLimits">Takes effect at once, beside whatever runs.</param>
internal sealed class OperationQueue(EventLog log, Func<AgentRequest, CancellationToken, Task> run, Action<SetLimitsRequest> setLimits)
    : IDisposable
{
    private readonly Queue<AgentRequest> waiting = [];
    private readonly SemaphoreSlim arrived = new(0);
    private readonly HashSet<string> seen = [];
    private readonly Lock gate = new();
    private CancellationTokenSource? active;
    private Task activeEnd = Task.CompletedTask;

    /// <summary>Id of the operation that runs now.</summary>
    public string? ActiveRequestId { get; private set; }

    /// <summary>Nothing runs and nothing waits.</summary>
    public bool IsIdle
    {
        get
        {
            lock (gate)
            {
                return active is null && waiting.Count == 0;
            }
        }
    }

    /// <summary>Takes a request; false when its id has been taken before.</summary>
    public bool Accept(AgentRequest request)
    {
        lock (gate)
        {
            if (!seen.Add(request.RequestId))
                return false;
        }

        if (request is CancelRequest)
        {
            _ = CancelActiveAsync(request.RequestId);
            return true;
        }

        if (request is SetLimitsRequest limits)
        {
            setLimits(limits);
            log.Report(new OperationCompletedEvent { RequestId = request.RequestId });
            return true;
        }

        if (request is PowerOffRequest)
        {
            // Whoever pulls the plug does not wait for the copy.
            CancelAll();
        }

        lock (gate)
        {
            waiting.Enqueue(request);
        }

        arrived.Release();
        return true;
    }

    public void Dispose() => arrived.Dispose();

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await arrived.WaitAsync(cancellationToken);
            await RunNextAsync(cancellationToken);
        }
    }

    private async Task RunNextAsync(CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AgentRequest? request;
        lock (gate)
        {
            // Taken and made cancellable in one step: a cancel meets it either waiting or running.
            if (!waiting.TryDequeue(out request))
                return;

            (active, activeEnd, ActiveRequestId) = (cancellation, end.Task, request.RequestId);
        }

        log.Report(new OperationStartedEvent { RequestId = request.RequestId });
        AgentEvent outcome;
        try
        {
            await run(request, cancellation.Token);
            outcome = new OperationCompletedEvent { RequestId = request.RequestId };
        }
        catch (Exception exception)
        {
            outcome = new OperationFailedEvent
            {
                RequestId = request.RequestId,
                Error = Describe(exception, cancellation.IsCancellationRequested),
            };
        }

        lock (gate)
        {
            (active, ActiveRequestId) = (null, null);
        }

        log.Report(outcome);
        end.SetResult();
    }

    private async Task CancelActiveAsync(string requestId)
    {
        Task end;
        lock (gate)
        {
            end = active is null ? Task.CompletedTask : activeEnd;
        }

        CancelAll();
        await end;
        log.Report(new OperationCompletedEvent { RequestId = requestId });
    }

    /// <summary>What waits is dropped first, so that it does not start as soon as the running operation ends.</summary>
    private void CancelAll()
    {
        lock (gate)
        {
            while (waiting.TryDequeue(out var request))
            {
                log.Report(
                    new OperationFailedEvent
                    {
                        RequestId = request.RequestId,
                        Error = Describe(new OperationCanceledException(), isCancelled: true),
                    }
                );
            }

            active?.Cancel();
        }
    }

    private static ErrorDescription Describe(Exception exception, bool isCancelled) =>
        exception switch
        {
            AgentException agent when !isCancelled => agent.Error,
            _ when isCancelled => new ErrorDescription(
                ErrorIds.OperationCancelled,
                "The operation was stopped on request.",
                "What was copied stays: resume the conversion to go on."
            ),
            _ => new ErrorDescription(
                ErrorIds.AgentFailed,
                $"The helper failed in a way it does not know: {exception.Message}",
                "Resume the conversion. If it happens again, report it together with the conversion's log.",
                exception.ToString()
            ),
        };
}
