using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Services;

/// <summary>
/// Stops systemd services on the source before the last pass and starts them again when the cutover fails: the one thing
/// that changes a source, and only when asked. It remembers, as long as the agent lives, what it stopped.
/// </summary>
internal sealed class SourceServices(IEventSink sink)
{
    /// <summary>A cancelled or failed stop puts things back, but not for ever.</summary>
    private static readonly TimeSpan UndoLimit = TimeSpan.FromMinutes(2);

    /// <summary>What the copy itself comes through.</summary>
    private static readonly string[] Needed = ["ssh.service", "sshd.service", "ssh.socket", "sshd.socket"];

    private readonly List<string> stopped = [];

    /// <summary>Units that were running and were stopped, in the order in which that was done.</summary>
    public IReadOnlyList<string> Stopped => stopped;

    /// <summary>
    /// Stops services in the order of their names here. What would start one of them again, such as its socket, is
    /// stopped before it; what stops with it is remembered too.
    /// </summary>
    /// <exception cref="AgentException">ServiceNotStopped: what was stopped before is running again. As the source's commands.</exception>
    public async Task StopAsync(ISource source, IReadOnlyList<string> services, CancellationToken cancellationToken)
    {
        var units = new List<SystemdUnit>();
        foreach (var name in services)
            units.Add(await ReadServiceAsync(source, name, cancellationToken));

        var before = stopped.Count;
        try
        {
            foreach (var unit in units.DistinctBy(unit => unit.Id))
                await StopAsync(source, unit, cancellationToken);
        }
        catch
        {
            await UndoAsync(source, before);
            throw;
        }
    }

    /// <summary>Starts again what was stopped, the last first. What could not be started stays remembered.</summary>
    /// <exception cref="AgentException">ServiceNotStarted, once all were tried. As the source's commands.</exception>
    public Task StartAsync(ISource source, CancellationToken cancellationToken)
    {
        if (stopped.Count == 0)
            sink.Information("No service of the source is stopped by this conversion.");

        return StartAsync(source, 0, cancellationToken);
    }

    private static async Task<SystemdUnit> ReadServiceAsync(ISource source, string name, CancellationToken cancellationToken)
    {
        var unit = await ReadAsync(source, name, cancellationToken);
        if (unit is null)
        {
            throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"{name} cannot be stopped: {source.Name} is not run by systemd.",
                "Leave the service out of the task and stop it by hand before the last pass.");
        }

        if (!unit.IsKnown)
        {
            throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"systemd on {source.Name} knows no service {name}.",
                "Name services as 'systemctl list-units' on the source does.");
        }

        if (Needed.Contains(unit.Id))
        {
            throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"{name} carries the copy itself and is not stopped.",
                "Leave it out of the services to stop.");
        }

        return unit;
    }

    private async Task StopAsync(ISource source, SystemdUnit unit, CancellationToken cancellationToken)
    {
        foreach (var trigger in unit.Triggers)
        {
            if (await ReadAsync(source, trigger, cancellationToken) is { IsActive: true } active && !Needed.Contains(active.Id))
                await StopOneAsync(source, active, cancellationToken);
        }

        // Stopped meanwhile, as one that stops with another one, or never running.
        if (await ReadAsync(source, unit.Id, cancellationToken) is { IsActive: true })
            await StopOneAsync(source, unit, cancellationToken);
        else if (!stopped.Contains(unit.Id))
            sink.Information($"{unit.Id} is not running on {source.Name}.");
    }

    private async Task StopOneAsync(ISource source, SystemdUnit unit, CancellationToken cancellationToken)
    {
        var dependents = await ReadDependentsAsync(source, unit, cancellationToken);
        // Before it is tried: a connection that breaks leaves it stopped or not.
        Remember(unit.Id);
        var result = await source.RunAsync($"systemctl stop -- {PosixShell.Quote(unit.Id)}", cancellationToken);
        foreach (var dependent in dependents)
        {
            if (await ReadAsync(source, dependent, cancellationToken) is { IsActive: false })
                Remember(dependent);
        }

        var after = await ReadAsync(source, unit.Id, cancellationToken);
        if (result.ExitCode != 0 || after is null or { IsActive: true })
        {
            throw new AgentException(
                ErrorIds.ServiceNotStopped,
                $"{unit.Id} on {source.Name} did not stop.",
                "See systemd's words and the service's log on the source, then try again.",
                Words(result));
        }

        sink.Information($"{unit.Id} on {source.Name} is stopped.");
    }

    /// <summary>Active units that would stop with this one, near and far.</summary>
    private static async Task<IReadOnlyList<string>> ReadDependentsAsync(ISource source, SystemdUnit unit, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var open = new Queue<string>(unit.Dependents);
        while (open.TryDequeue(out var name))
        {
            // A target is a name for others: they are asked themselves.
            if (found.Contains(name) || name == unit.Id || name.EndsWith(".target", StringComparison.Ordinal)
                || await ReadAsync(source, name, cancellationToken) is not { IsActive: true } dependent)
            {
                continue;
            }

            found.Add(name);
            foreach (var next in dependent.Dependents)
                open.Enqueue(next);
        }

        return found;
    }

    /// <returns>null where there is no systemd that answers.</returns>
    private static async Task<SystemdUnit?> ReadAsync(ISource source, string name, CancellationToken cancellationToken)
    {
        var result = await source.RunAsync(
            $"systemctl show --no-pager --property={SystemdUnit.Properties} -- {PosixShell.Quote(name)}", cancellationToken);
        return result.ExitCode == 0 ? SystemdUnit.Parse(result.Output) : null;
    }

    private async Task UndoAsync(ISource source, int from)
    {
        using var limit = new CancellationTokenSource(UndoLimit);
        try
        {
            await StartAsync(source, from, limit.Token);
        }
        catch (Exception exception) when (exception is AgentException or OperationCanceledException)
        {
            sink.Warning(
                $"Not every service that was stopped on {source.Name} could be started again ({string.Join(", ", stopped.Skip(from))}): {exception.Message}");
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
                failures.Add($"{stopped[i]}: {Words(result)}");
                continue;
            }

            sink.Information($"{stopped[i]} on {source.Name} runs again.");
            stopped.RemoveAt(i);
        }

        if (failures.Count > 0)
        {
            throw new AgentException(
                ErrorIds.ServiceNotStarted,
                $"{failures.Count} of the services that were stopped on {source.Name} did not start again.",
                "Start them on the source by hand: " + string.Join(", ", stopped.Skip(from)) + ".",
                string.Join(" / ", failures));
        }
    }

    private void Remember(string unit)
    {
        if (!stopped.Contains(unit))
            stopped.Add(unit);
    }

    private static string Words(SourceResult result)
    {
        var text = result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim();
        return string.Join(" / ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(4));
    }
}
