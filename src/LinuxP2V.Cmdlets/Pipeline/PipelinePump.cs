using System.Collections.Concurrent;
using System.Management.Automation;
using System.Runtime.ExceptionServices;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// Lets an asynchronous body run on a worker while PowerShell's pipeline thread, the only one that may write, waits and
/// does the body's writing for it. One pump serves one Begin-, Process- or EndProcessing.
/// </summary>
internal sealed class PipelinePump(CancellationTokenSource stop)
{
    private readonly BlockingCollection<Item> items = [];
    private readonly int pipelineThread = Environment.CurrentManagedThreadId;

    public bool IsPipelineThread => Environment.CurrentManagedThreadId == pipelineThread;

    /// <summary>
    /// Returns once the body has ended, whatever happened: a stop or a failing write cancels the body and is thrown
    /// only after it, so that nothing runs on unwatched.
    /// </summary>
    public void Run(Func<Task> body)
    {
        // Task.Run also sheds a synchronisation context that the host may have set: continuing on it would deadlock.
        var worker = Task.Run(body);
        _ = worker.ContinueWith(_ => items.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        ExceptionDispatchInfo? broken = null;
        foreach (var item in items.GetConsumingEnumerable())
        {
            if (broken is not null || stop.IsCancellationRequested)
            {
                item.Drop();
                continue;
            }

            broken = item.Run();
            if (broken is not null)
                stop.Cancel();
        }

        try
        {
            worker.GetAwaiter().GetResult();
        }
        catch (Exception) when (broken is not null)
        {
            // What ended the pipeline counts, not how the body took it.
        }

        broken?.Throw();
    }

    /// <summary>Has the pipeline thread do it some time; lost when the pipeline is over.</summary>
    public void Post(Action action) => Add(new Item(action, null));

    /// <summary>Has the pipeline thread do it and waits for the answer.</summary>
    /// <exception cref="OperationCanceledException">The pipeline is over.</exception>
    public T Ask<T>(Func<T> question)
    {
        var answer = default(T)!;
        using var answered = new ManualResetEventSlim();
        var item = new Item(() => answer = question(), answered);
        if (!Add(item))
            throw new OperationCanceledException();
        answered.Wait();
        item.Failure?.Throw();
        return answer;
    }

    /// <summary>Not disposed: late writers may still ask.</summary>
    public void Close() => items.CompleteAdding();

    private bool Add(Item item)
    {
        try
        {
            items.Add(item);
            return true;
        }
        catch (InvalidOperationException)
        {
            // Completed: a background writer came too late.
            return false;
        }
    }

    private sealed class Item(Action action, ManualResetEventSlim? answered)
    {
        public ExceptionDispatchInfo? Failure { get; private set; }

        /// <returns>What ends the pipeline. A failed question is the asker's own affair, unless the pipeline was stopped.</returns>
        public ExceptionDispatchInfo? Run()
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                Failure = ExceptionDispatchInfo.Capture(e);
            }

            answered?.Set();
            return answered is null || Failure?.SourceException is PipelineStoppedException ? Failure : null;
        }

        public void Drop()
        {
            Failure = ExceptionDispatchInfo.Capture(new OperationCanceledException());
            answered?.Set();
        }
    }
}
