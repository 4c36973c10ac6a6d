using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Services;

/// <summary>
/// Stops systemd services on the source before the last pass and starts them again when the cutover fails: the one thing
/// that changes a source, and only when asked. It remembers, as long as the agent lives, what it stopped, and reports each
/// change of that: who has the reports can tell a later agent.
/// </summary>
/// <param name="timerLimits">Null: minutes.</param>
internal sealed class SourceServices(IEventSink sink, RestartTimerLimits? timerLimits = null) : IAsyncDisposable
{
    /// <summary>A cancelled or failed stop puts things back, but not for ever.</summary>
    private static readonly TimeSpan UndoLimit = TimeSpan.FromMinutes(2);

    /// <summary>What the copy itself comes through.</summary>
    private static readonly string[] Needed = ["ssh.service", "sshd.service", "ssh.socket", "sshd.socket"];

    private readonly List<string> stopped = [];
    private RestartTimer? timer;

    /// <summary>Names what is left on the source for it; known once the disks are prepared.</summary>
    public string ConversionId { get; set; } = Guid.NewGuid().ToString("N")[..12];

    /// <summary>Units that were running and were stopped, in the order in which that was done.</summary>
    public IReadOnlyList<string> Stopped => stopped;

    /// <summary>
    /// Stops services in the order of their names here. What would start one of them again, such as its socket, is
    /// stopped before it; what stops with it is remembered too.
    /// </summary>
    /// <param name="earlier">Units that an earlier agent stopped: remembered from now on, unless they run.</param>
    /// <exception cref="AgentException">ServiceNotStopped: what was stopped before is running again. As the source's commands.</exception>
    public async Task StopAsync(
        ISource source,
        IReadOnlyList<string> services,
        IReadOnlyList<string> earlier,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await AdoptAsync(source, [.. earlier.Union(await TakeFiredAsync())], cancellationToken);
            await ThrowIfOthersWaitAsync(source, cancellationToken);
            var units = await ReadServicesAsync(source, services, cancellationToken);
            var before = stopped.Count;
            try
            {
                foreach (var unit in units.DistinctBy(unit => unit.Id))
                    await StopAsync(source, unit, cancellationToken);
            }
            catch
            {
                await TryStartAsync(source, before);
                throw;
            }
        }
        finally
        {
            Report(isOngoing: false);
        }
    }

    /// <summary>Starts again what was stopped, the last first. What could not be started stays remembered.</summary>
    /// <param name="earlier">Units that an earlier agent stopped: those that do not run are started, too.</param>
    /// <exception cref="AgentException">ServiceNotStarted, once all were tried. As the source's commands.</exception>
    public async Task StartAsync(ISource source, IReadOnlyList<string> earlier, CancellationToken cancellationToken)
    {
        try
        {
            await AdoptAsync(source, earlier, cancellationToken);
            if (stopped.Count == 0)
                sink.Information("No service of the source is stopped by this conversion.");

            await StartAsync(source, 0, cancellationToken);
        }
        finally
        {
            Report(isOngoing: false);
        }
    }

    /// <exception cref="AgentException">ServiceNotStopped: the source's timer has started them, so that the copy is too old.</exception>
    public void ThrowIfStartedAgain(ISource source)
    {
        if (timer is { HasFired: true })
        {
            throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"The services that were stopped on {source.Name} run again: what they have changed since is not in the copy.",
                "Resume the conversion: it stops them again and makes another pass."
            );
        }
    }

    private async Task ThrowIfOthersWaitAsync(ISource source, CancellationToken cancellationToken)
    {
        if (await RestartTimer.FindOthersAsync(source, ConversionId, cancellationToken) is { Count: > 0 } others)
        {
            throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"Another conversion of {source.Name} has stopped services and may start them again: "
                    + $"its timer {others[0]} waits there.",
                "End that conversion (Get-P2VConversion lists it), or take its timer away on the source: "
                    + "systemctl stop 'linuxp2v-restart-*.timer'."
            );
        }
    }

    /// <summary>The cutover is done: the services stay stopped, and the source's timer is taken away.</summary>
    /// <exception cref="AgentException">As <see cref="ThrowIfStartedAgain"/>, and as the source's commands.</exception>
    public async Task LeaveStoppedAsync(ISource source, CancellationToken cancellationToken)
    {
        if (timer is not null)
            await timer.ClearAsync(source, cancellationToken);

        ThrowIfStartedAgain(source);
    }

    /// <summary>Before the way to the source is given up: its timer alone starts the services when nobody comes back.</summary>
    public async Task PrepareForAbsenceAsync(ISource source, CancellationToken cancellationToken)
    {
        if (stopped.Count == 0)
            return;

        var hasTimer = timer is not null && await timer.ExtendAsync(source, cancellationToken);
        ThrowIfStartedAgain(source);
        if (!hasTimer)
        {
            sink.Warning(
                $"From now on the helper does not hold the login of {source.Name}: if the engine is lost before the end of the cutover, "
                    + $"start these services by hand: {string.Join(", ", stopped)}."
            );
        }
    }

    /// <summary>The way to the source is another one from now on.</summary>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public Task MoveAsync(ISource source, CancellationToken cancellationToken) =>
        timer?.MoveAsync(source, cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (timer is { } last)
            await last.DisposeAsync();

        timer = null;
    }

    private Task ArmAsync(ISource source, IEnumerable<string> more, CancellationToken cancellationToken)
    {
        timer ??= new RestartTimer(sink, ConversionId, timerLimits);
        return timer.ArmAsync(source, [.. more, .. stopped.AsEnumerable().Reverse()], cancellationToken);
    }

    /// <summary>What the timer started again counts as not known.</summary>
    /// <returns>Those units; none where the timer did not run out.</returns>
    private async Task<IReadOnlyList<string>> TakeFiredAsync()
    {
        if (timer is not { HasFired: true })
            return [];

        List<string> fired = [.. stopped];
        stopped.Clear();
        await DisposeAsync();
        return fired;
    }

    private async Task AdoptAsync(ISource source, IReadOnlyList<string> earlier, CancellationToken cancellationToken)
    {
        var unknown = earlier.Except(stopped).ToList();
        if (unknown.Count == 0)
            return;

        // At once, so that nothing is forgotten when the source cannot be asked now.
        stopped.InsertRange(0, unknown);
        var units = await ReadAsync(source, unknown, cancellationToken);
        if (units is null)
            return;

        stopped.RemoveRange(0, unknown.Count);
        var down = units.Where(unit => unit.IsKnown && !unit.IsActive && !Needed.Contains(unit.Id)).Select(unit => unit.Id);
        stopped.InsertRange(0, down.Distinct().Except(stopped).ToList());
        if (stopped.Count > 0)
            await ArmAsync(source, [], cancellationToken);
    }

    private static async Task<IReadOnlyList<SystemdUnit>> ReadServicesAsync(
        ISource source,
        IReadOnlyList<string> names,
        CancellationToken cancellationToken
    )
    {
        var units =
            await ReadAsync(source, names, cancellationToken)
            ?? throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"{string.Join(", ", names)} cannot be stopped: {source.Name} is not run by systemd.",
                "Leave services out of the task and stop them by hand before the last pass."
            );
        for (var i = 0; i < units.Count; i++)
        {
            if (!units[i].IsKnown)
            {
                throw new AgentException(
                    ErrorIds.ServiceNotStopped,
                    $"systemd on {source.Name} knows no service {names[i]}.",
                    "Name services as 'systemctl list-units' on the source does."
                );
            }

            if (Needed.Contains(units[i].Id))
            {
                throw new AgentException(
                    ErrorIds.ServiceNotStopped,
                    $"{names[i]} carries the copy itself and is not stopped.",
                    "Leave it out of the services to stop."
                );
            }
        }

        return units;
    }

    private async Task StopAsync(ISource source, SystemdUnit unit, CancellationToken cancellationToken)
    {
        // As it is now: it may have stopped with another one.
        var now = await ReadAsync(source, [unit.Id, .. unit.Triggers], cancellationToken) ?? throw NoAnswer(source, unit);
        foreach (var trigger in now.Skip(1).Where(trigger => trigger.IsActive && !Needed.Contains(trigger.Id)))
            await StopOneAsync(source, trigger, cancellationToken);

        if (now[0].IsActive)
            await StopOneAsync(source, now[0], cancellationToken);
        else if (!stopped.Contains(unit.Id))
            sink.Information($"{unit.Id} is not running on {source.Name}.");
    }

    private async Task StopOneAsync(ISource source, SystemdUnit unit, CancellationToken cancellationToken)
    {
        var dependents = await ReadDependentsAsync(source, unit, cancellationToken);
        // Before it is tried: a connection that breaks leaves it stopped or not.
        Remember(unit.Id);
        await ArmAsync(source, dependents, cancellationToken);
        var result = await source.RunAsync(
            $"systemctl stop -- {PosixShell.Quote(unit.Id)}; code=$?\n{Show([unit.Id, .. dependents])}\nexit $code",
            cancellationToken
        );
        var after = SystemdUnit.ParseAll(result.Output);
        foreach (var dependent in after.Skip(1).Where(dependent => !dependent.IsActive))
            Remember(dependent.Id);

        if (result.ExitCode != 0 || after.Count == 0 || after[0].IsActive)
        {
            throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"{unit.Id} on {source.Name} did not stop.",
                "Read systemd's message and the service's log on the source, then try again.",
                MessageOf(result)
            );
        }

        sink.Information($"{unit.Id} on {source.Name} is stopped.");
    }

    /// <summary>Active units that would stop with this one, near and far.</summary>
    private static async Task<IReadOnlyList<string>> ReadDependentsAsync(
        ISource source,
        SystemdUnit unit,
        CancellationToken cancellationToken
    )
    {
        var found = new List<string>();
        var next = unit.Dependents;
        while (next.Count > 0)
        {
            var units = await ReadAsync(source, next, cancellationToken) ?? throw NoAnswer(source, unit);
            // A target is a name for others: they are asked themselves.
            var active = units
                .Where(u => u.IsActive && u.Id != unit.Id && !found.Contains(u.Id) && !u.Id.EndsWith(".target", StringComparison.Ordinal))
                .ToList();
            found.AddRange(active.Select(u => u.Id));
            next = [.. active.SelectMany(u => u.Dependents).Distinct().Except(found)];
        }

        return found;
    }

    /// <summary>A service that is taken for one that does not run would write on during the last pass.</summary>
    private static AgentException NoAnswer(ISource source, SystemdUnit unit) =>
        new(
            ErrorIds.ServiceNotStopped,
            $"systemd on {source.Name} does not tell whether {unit.Id} and what belongs to it run.",
            "Try 'systemctl show' with the service on the source, then try again."
        );

    /// <returns>In the order of the names; null where there is no systemd that answers.</returns>
    private static async Task<IReadOnlyList<SystemdUnit>?> ReadAsync(
        ISource source,
        IReadOnlyList<string> names,
        CancellationToken cancellationToken
    )
    {
        var result = await source.RunAsync(Show(names), cancellationToken);
        var units = SystemdUnit.ParseAll(result.Output);
        return result.ExitCode == 0 && units.Count == names.Count ? units : null;
    }

    private static string Show(IReadOnlyList<string> names) =>
        $"systemctl show --no-pager --property={SystemdUnit.Properties} -- {PosixShell.Join(names)}";

    /// <summary>
    /// As <see cref="StartAsync(ISource, IReadOnlyList{string}, CancellationToken)"/>, but a failure is a warning,
    /// and it does not take for ever.
    /// </summary>
    /// <param name="from">What was stopped before this one stays stopped.</param>
    public async Task TryStartAsync(ISource source, int from = 0)
    {
        using var limit = new CancellationTokenSource(UndoLimit);
        try
        {
            await StartAsync(source, from, limit.Token);
        }
        catch (Exception exception) when (exception is AgentException or OperationCanceledException)
        {
            sink.Warning(
                $"Not every service that was stopped on {source.Name} could be started "
                    + $"again ({string.Join(", ", stopped.Skip(from))}): {exception.Message}"
            );
        }
    }

    private async Task StartAsync(ISource source, int from, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        for (var i = stopped.Count - 1; i >= from; i--)
        {
            var result = await source.RunAsync($"systemctl start -- {PosixShell.Quote(stopped[i])}", cancellationToken);
            if (result.ExitCode != 0)
            {
                failures.Add($"{stopped[i]}: {MessageOf(result)}");
                continue;
            }

            sink.Information($"{stopped[i]} on {source.Name} runs again.");
            stopped.RemoveAt(i);
            Report(isOngoing: true);
        }

        if (stopped.Count == 0 && timer is not null)
        {
            await timer.ClearAsync(source, cancellationToken);
            await DisposeAsync();
        }

        if (failures.Count > 0)
        {
            throw new AgentException(
                ErrorIds.ServiceNotStarted,
                $"{failures.Count} of the services that were stopped on {source.Name} did not start again.",
                "Start them on the source by hand: " + string.Join(", ", stopped.Skip(from)) + ".",
                string.Join(" / ", failures)
            );
        }
    }

    private void Remember(string unit)
    {
        if (stopped.Contains(unit))
            return;

        stopped.Add(unit);
        Report(isOngoing: true);
    }

    private void Report(bool isOngoing) => sink.Report(new SourceServicesEvent { Stopped = [.. stopped], IsOngoing = isOngoing });

    private static string MessageOf(SourceResult result)
    {
        var text = result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim();
        return string.Join(" / ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(4));
    }
}
