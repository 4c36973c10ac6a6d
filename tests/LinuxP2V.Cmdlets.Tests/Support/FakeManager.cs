using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests.Support;

/// <summary>Conversions that move only when the test says so.</summary>
internal sealed class FakeManager : IConversionManager
{
    private readonly Dictionary<string, Conversion> _all = [];
    private readonly HashSet<string> _driven = [];
    private readonly Dictionary<string, List<IProgress<Conversion>>> _watchers = [];
    private readonly Dictionary<string, TaskCompletionSource> _still = [];
    private readonly Lock _lock = new();

    public List<Drive> Drives { get; } = [];

    public List<(string Id, IDestination? From)> Removed { get; } = [];

    public string LogFolder { get; set; } = Path.GetTempPath();

    /// <summary>What a drive leads to at once; null leaves it running.</summary>
    public Func<Conversion, ConversionState, Conversion>? OnDrive { get; set; } = static (c, through) => c with { State = through };

    internal sealed record Drive(string Id, SourceSecrets? Secrets, DriveOptions Options, ThrottleLimits? Limits, ConversionGoal? Goal, IEngineConsole Console)
    {
        public ConversionState Through => Goal?.Through ?? ConversionState.Completed;
    }

    /// <summary>What the newest comparison has found so far.</summary>
    public List<DifferenceEvent> Differences { get; } = [];

    public Conversion Create(ConversionTask task) => Put(new Conversion
    {
        Id = Guid.NewGuid().ToString("N")[..12],
        Task = task,
        CreatedAt = DateTimeOffset.UtcNow,
        UpdatedAt = DateTimeOffset.UtcNow,
    });

    public Conversion Put(Conversion conversion, bool driven = false)
    {
        lock (_lock)
        {
            _all[conversion.Id] = conversion;
            if (driven)
                _driven.Add(conversion.Id);
            foreach (var watcher in _watchers.TryGetValue(conversion.Id, out var found) ? found : [])
                watcher.Report(conversion);
        }

        return conversion;
    }

    /// <summary>The driver goes away with this as the last word.</summary>
    public void Settle(Conversion conversion)
    {
        Put(conversion);
        lock (_lock)
        {
            _driven.Remove(conversion.Id);
            StillOf(conversion.Id).TrySetResult();
        }
    }

    public IReadOnlyList<Conversion> List()
    {
        lock (_lock)
            return [.. _all.Values.OrderBy(c => c.CreatedAt)];
    }

    public Conversion Get(string id)
    {
        lock (_lock)
        {
            return _all.TryGetValue(id, out var found)
                ? found
                : throw new P2VException(ErrorIds.ConversionNotFound, $"There is no conversion {id}.", "List them: Get-P2VConversion.", id);
        }
    }

    public bool IsDriven(string id)
    {
        lock (_lock)
            return _driven.Contains(id);
    }

    void IConversionManager.Drive(
        string id, IDestination destination, SourceSecrets? secrets, DriveOptions options, IEngineConsole console, ThrottleLimits? limits, ConversionGoal? goal)
    {
        Drives.Add(new Drive(id, secrets, options, limits, goal, console));
        console.Verbose("driving");
        var asked = goal ?? Get(id).Goal ?? new ConversionGoal();
        Put(Get(id) with { Goal = asked, IsGoalReached = false });
        lock (_lock)
        {
            _still.Remove(id);
            _driven.Add(id);
        }

        if (OnDrive is { } outcome)
            Settle(Reached(outcome(Get(id), asked.Through)));
    }

    private static Conversion Reached(Conversion conversion) => conversion with { IsGoalReached = conversion.State == conversion.Goal!.Through };

    public Task<Conversion> LimitAsync(string id, double? megabitsPerSecond, CancellationToken cancellationToken) =>
        Task.FromResult(Put(Get(id) with { BandwidthLimitMbps = megabitsPerSecond is > 0 ? megabitsPerSecond : null }));

    public DifferencePage ReadDifferences(string id, DifferencePlace? after)
    {
        lock (_lock)
            return new DifferencePage([.. Differences.Skip((int)(after?.Offset ?? 0))], new DifferencePlace("1", Differences.Count));
    }

    /// <summary>As a comparison does.</summary>
    public void Find(DifferenceEvent difference)
    {
        lock (_lock)
            Differences.Add(difference);
    }

    public bool IsWatched(string id)
    {
        lock (_lock)
            return _watchers.ContainsKey(id);
    }

    public async Task<Conversion> WaitAsync(string id, IProgress<Conversion>? progress, CancellationToken cancellationToken)
    {
        Task still;
        lock (_lock)
        {
            if (!_driven.Contains(id))
                return Get(id);
            if (progress is not null)
                (_watchers.TryGetValue(id, out var list) ? list : _watchers[id] = []).Add(progress);
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
        lock (_lock)
            _all.Remove(id);
        return Task.CompletedTask;
    }

    public string GetLogPath(string id) => Path.Combine(LogFolder, id + ".log");

    private TaskCompletionSource StillOf(string id) =>
        _still.TryGetValue(id, out var still) ? still : _still[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
}
