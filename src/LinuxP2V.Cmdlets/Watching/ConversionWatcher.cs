using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Watching;

/// <summary>
/// Follows conversions until they stop: bars for a user who looks, verbose lines for the log of an unattended
/// run, and at the end each conversion with the error it may have ended in.
/// </summary>
internal sealed class ConversionWatcher(IWatcherOutput output, P2VSession session)
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(250);
    private readonly HashSet<string> running = [];

    /// <summary>Names of those that were still running when the watching was cancelled.</summary>
    public IReadOnlyList<string> Running
    {
        get
        {
            lock (running)
                return [.. running];
        }
    }

    /// <summary>Called with each that got where it was asked to, before it is emitted; it may fail.</summary>
    public Func<Conversion, Task>? Finish { get; init; }

    /// <summary>Called at each look, and once more at the end, with the conversion's id.</summary>
    public Action<string>? Follow { get; init; }

    /// <summary>Writes what is emitted at the end; null: the conversion itself.</summary>
    public Action<P2VConversion>? Show { get; init; }

    public Task WatchAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        Task.WhenAll(ids.Distinct().Select((id, index) => WatchOneAsync(id, (index * 100) + 1, cancellationToken)).ToList());

    private async Task WatchOneAsync(string id, int activity, CancellationToken cancellationToken)
    {
        var latest = new Latest();
        var bars = new ConversionBars(output, activity);
        string? name = null;
        try
        {
            latest.Report(session.Engine.Conversions.Get(id));
            name = latest.Value!.Task.Name;
            lock (running)
                running.Add(name);
            var waiting = session.Engine.Conversions.WaitAsync(id, latest, cancellationToken);
            Conversion? drawn = null;
            while (
                await Task.WhenAny(waiting, Task.Delay(Frame, cancellationToken)) != waiting && !cancellationToken.IsCancellationRequested
            )
            {
                Relay(id, name);
                Follow?.Invoke(id);
                if (latest.Value is { } now && !ReferenceEquals(now, drawn))
                    bars.Draw(ConversionMapper.ToObject(drawn = now, session));
            }

            var end = await waiting;
            Relay(id, name);
            Follow?.Invoke(id);
            var result = ConversionMapper.ToObject(end, session);
            bars.Finish(result);
            lock (running)
                running.Remove(name);
            var failure = ConversionOutcome.FailureOf(end);
            if (failure is null && Finish is not null)
            {
                await Finish(end);
                result = ConversionMapper.ToObject(session.Engine.Conversions.Get(id), session);
            }

            // First: the next command of a pipeline refuses what failed, and with -ErrorAction Stop the first error is the last.
            if (failure is not null)
                output.WriteError(ErrorMapper.ToRecord(failure, result));
            (Show ?? output.WriteObject)(result);
        }
        catch (P2VException e)
        {
            output.WriteError(ErrorMapper.ToRecord(e, id));
        }
        finally
        {
            bars.Clear();
        }
    }

    private void Relay(string id, string name)
    {
        if (!session.Consoles.TryGetValue(id, out var console))
            return;
        foreach (var (isWarning, text) in console.Take())
        {
            if (isWarning)
                output.WriteWarning($"{name}: {text}");
            else
                output.WriteVerbose($"{name}: {text}");
        }
    }

    private sealed class Latest : IProgress<Conversion>
    {
        private volatile Conversion? value;

        public Conversion? Value => value;

        public void Report(Conversion value) => this.value = value;
    }
}

/// <summary>What a watcher needs of its cmdlet.</summary>
internal interface IWatcherOutput
{
    void WriteObject(object value);

    void WriteError(ErrorRecord record);

    void WriteWarning(string text);

    void WriteVerbose(string text);

    void WriteProgress(ProgressRecord record);
}
