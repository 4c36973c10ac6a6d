using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests.Support;

/// <summary>Conversions that move only when the test says so.</summary>
internal sealed class FakeManager : IConversionManager
{
    private readonly Dictionary<string, Conversion> all = [];
    private readonly HashSet<string> driven = [];
    private readonly Dictionary<string, List<IProgress<Conversion>>> watchers = [];
    private readonly Dictionary<string, TaskCompletionSource> still = [];
    private readonly Lock gate = new();

    public IReadOnlyList<DamagedConversion> Damaged { get; set; } = [];

    public IReadOnlyList<DamagedConversion> ListDamaged() => Damaged;

    public List<Drive> Drives { get; } = [];

    /// <summary>By id: what the next rehearsal comes to.</summary>
    public Dictionary<string, Rehearsal> Rehearsals { get; } = [];

    /// <summary>What every other rehearsal comes to; null: it is refused.</summary>
    public Rehearsal? UsualRehearsal { get; set; }

    public List<(string Id, RehearsalOptions Options)> Rehearsed { get; } = [];

    public Rehearsal? FindRehearsal(string id) => Rehearsed.Exists(asked => asked.Id == id) ? ResultOf(id) : null;

    private Rehearsal? ResultOf(string id) => Rehearsals.TryGetValue(id, out var result) ? result : UsualRehearsal;

    public string? RehearsalLog { get; set; }

    public string? FindRehearsalLog(string id) => RehearsalLog;

    public async Task<Rehearsal> RehearseAsync(
        string id,
        IDestination destination,
        RehearsalOptions rehearsalOptions,
        DriveOptions options,
        IEngineConsole console,
        ThrottleLimits? limits,
        CancellationToken cancellationToken
    )
    {
        await Task.Yield();
        lock (gate)
            Rehearsed.Add((id, rehearsalOptions));

        var result = ResultOf(id) ?? throw new P2VException(ErrorIds.ConversionWrongState, "It is not copied.", "Copy it.", id);
        while (rehearsalOptions.Until is { } until && !await until(result, cancellationToken)) { }

        return result;
    }

    public List<(string Id, IDestination? From)> Removed { get; } = [];

    public string LogFolder { get; set; } = Path.GetTempPath();

    /// <summary>What a drive leads to at once; null leaves it running.</summary>
    public Func<Conversion, ConversionState, Conversion>? OnDrive { get; set; } = static (c, through) => c with { State = through };

    internal sealed record Drive(
        string Id,
        SourceSecrets? Secrets,
        DriveOptions Options,
        ThrottleLimits? Limits,
        ConversionGoal? Goal,
        IEngineConsole Console
    )
    {
        public ConversionState Through => Goal?.Through ?? ConversionState.Completed;
    }

    /// <summary>What the newest comparison has found so far.</summary>
    public List<DifferenceEvent> Differences { get; } = [];

    public Conversion Create(ConversionTask task, IReadOnlyList<Finding>? forcedErrors = null) =>
        Put(
            new Conversion
            {
                Id = Guid.NewGuid().ToString("N")[..12],
                Task = task,
                ForcedErrors = forcedErrors ?? [],
                CreatedAt = DateTimeOffset.UtcNow,
                UpdatedAt = DateTimeOffset.UtcNow,
            }
        );

    public Conversion Put(Conversion conversion, bool driven = false)
    {
        lock (gate)
        {
            all[conversion.Id] = conversion;
            if (driven)
                this.driven.Add(conversion.Id);
            foreach (var watcher in watchers.TryGetValue(conversion.Id, out var found) ? found : [])
                watcher.Report(conversion);
        }

        return conversion;
    }

    /// <summary>The driver goes away with this as the last word.</summary>
    public void Settle(Conversion conversion)
    {
        Put(conversion);
        lock (gate)
        {
            driven.Remove(conversion.Id);
            StillOf(conversion.Id).TrySetResult();
        }
    }

    public IReadOnlyList<Conversion> List()
    {
        lock (gate)
            return [.. all.Values.OrderBy(c => c.CreatedAt)];
    }

    public Conversion Get(string id)
    {
        lock (gate)
        {
            return all.TryGetValue(id, out var found)
                ? found
                : throw new P2VException(ErrorIds.ConversionNotFound, $"There is no conversion {id}.", "List them: Get-P2VConversion.", id);
        }
    }

    public bool IsDriven(string id)
    {
        lock (gate)
            return driven.Contains(id);
    }

    void IConversionManager.Drive(
        string id,
        IDestination destination,
        SourceSecrets? secrets,
        DriveOptions options,
        IEngineConsole console,
        ThrottleLimits? limits,
        ConversionGoal? goal
    )
    {
        Drives.Add(new Drive(id, secrets, options, limits, goal, console));
        console.Verbose("driving");
        var asked = goal ?? Get(id).Goal ?? new ConversionGoal();
        Put(Get(id) with { Goal = asked, IsGoalReached = false });
        lock (gate)
        {
            still.Remove(id);
            driven.Add(id);
        }

        if (OnDrive is { } outcome)
            Settle(Reached(outcome(Get(id), asked.Through)));
    }

    private static Conversion Reached(Conversion conversion) =>
        conversion with
        {
            IsGoalReached = conversion.State == conversion.Goal!.Through,
        };

    public Task<Conversion> LimitAsync(string id, double? megabitsPerSecond, CancellationToken cancellationToken) =>
        Task.FromResult(Put(Get(id) with { BandwidthLimitMbps = megabitsPerSecond is > 0 ? megabitsPerSecond : null }));

    public DifferencePage ReadDifferences(string id, DifferencePlace? after)
    {
        lock (gate)
            return new DifferencePage([.. Differences.Skip((int)(after?.Offset ?? 0))], new DifferencePlace("1", Differences.Count));
    }

    /// <summary>As a comparison does.</summary>
    public void Find(DifferenceEvent difference)
    {
        lock (gate)
            Differences.Add(difference);
    }

    public bool IsWatched(string id)
    {
        lock (gate)
            return watchers.ContainsKey(id);
    }

    public async Task<Conversion> WaitAsync(string id, IProgress<Conversion>? progress, CancellationToken cancellationToken)
    {
        Task still;
        lock (gate)
        {
            if (!driven.Contains(id))
                return Get(id);
            if (progress is not null)
                (watchers.TryGetValue(id, out var list) ? list : watchers[id] = []).Add(progress);
            still = StillOf(id).Task;
        }

        await still.WaitAsync(cancellationToken);
        return Get(id);
    }

    public Task<Conversion> StopAsync(string id, CancellationToken cancellationToken)
    {
        Settle(Get(id) with { State = ConversionState.Stopped, InterruptedState = Get(id).State, IsGoalReached = false });
        return Task.FromResult(Get(id));
    }

    public Task RemoveAsync(string id, IDestination? deleteMachineFrom, CancellationToken cancellationToken)
    {
        if (IsDriven(id))
            throw new P2VException(ErrorIds.ConversionInUse, "It runs.", "Stop it first.");
        Removed.Add((id, deleteMachineFrom));
        lock (gate)
            all.Remove(id);
        return Task.CompletedTask;
    }

    public string GetLogPath(string id) => Path.Combine(LogFolder, id + ".log");

    private TaskCompletionSource StillOf(string id) =>
        this.still.TryGetValue(id, out var still)
            ? still
            : this.still[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
}
