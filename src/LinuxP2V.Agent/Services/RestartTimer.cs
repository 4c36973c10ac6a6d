using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Services;

/// <summary>
/// A timer in the source's own systemd that starts stopped services again. While the helper lives it sets the timer back
/// again and again; once the helper's host is dead nobody does, and the timer runs out.
/// </summary>
/// <param name="conversionId">
/// Names the timers, so that those which a helper of this conversion left when it restarted are found.
/// </param>
/// <param name="limits">Null: minutes.</param>
internal sealed class RestartTimer(IEventSink sink, string conversionId, RestartTimerLimits? limits = null) : IAsyncDisposable
{
    private const string Prefix = "linuxp2v-restart";

    private readonly RestartTimerLimits limits = limits ?? RestartTimerLimits.Default;
    private readonly string own = Guid.NewGuid().ToString("N")[..8];
    private readonly SemaphoreSlim gate = new(1);

    /// <summary>Of the timer that runs; 0: none. Each has a name of its own, so that the next runs before it is taken away.</summary>
    private int number;
    private int last;
    private IReadOnlyList<string> units = [];
    private bool isRefused;
    private CancellationTokenSource? renewing;
    private Task renewal = Task.CompletedTask;

    /// <summary>It ran out, or the source restarted: services that were stopped run again.</summary>
    public bool HasFired { get; private set; }

    public bool IsArmed => number > 0 && !HasFired;

    /// <summary>Has these units started when the helper falls silent, and no others any more.</summary>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public async Task ArmAsync(ISource source, IReadOnlyList<string> toStart, CancellationToken cancellationToken)
    {
        await SetAsync(source, toStart, limits.Silence, cancellationToken);
        if (renewing is not null || !IsArmed)
            return;

        renewing = new CancellationTokenSource();
        renewal = RenewAsync(source, renewing.Token);
    }

    /// <summary>Goes on by another way to the same source.</summary>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public async Task MoveAsync(ISource source, CancellationToken cancellationToken)
    {
        await EndRenewalAsync();
        if (IsArmed)
            await ArmAsync(source, units, cancellationToken);
    }

    /// <summary>For a time in which the source cannot be reached: gives the timer longer, and leaves it alone.</summary>
    /// <returns>False where the source has no such timer.</returns>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public async Task<bool> ExtendAsync(ISource source, CancellationToken cancellationToken)
    {
        await EndRenewalAsync();
        if (IsArmed)
            await SetAsync(source, units, limits.Unattended, cancellationToken);

        return IsArmed;
    }

    /// <summary>Takes the timer away. What it says of <see cref="HasFired"/> is true up to this moment.</summary>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public async Task ClearAsync(ISource source, CancellationToken cancellationToken)
    {
        await EndRenewalAsync();
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (!IsArmed)
                return;

            var result = await source.RunAsync($"{IsWaiting(number)} && {StopAll} && echo cleared", cancellationToken);
            HasFired = result.Output.Trim() != "cleared";
            number = 0;
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndRenewalAsync();
        gate.Dispose();
    }

    private async Task SetAsync(ISource source, IReadOnlyList<string> toStart, TimeSpan after, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (HasFired || isRefused)
                return;

            var next = ++last;
            var seconds = Math.Max(1, (long)after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            var start = PosixShell.Join([
                "systemd-run",
                $"--unit={Name(next)}",
                "--description=Start services again that LinuxP2V stopped",
                $"--on-active={seconds}",
                "--timer-property=AccuracySec=1s",
                "--",
                "systemctl",
                "start",
                "--",
                .. toStart,
            ]);
            var script =
                number == 0
                    ? $"{StopAll}\n{start} >/dev/null"
                    : $$"""
                        {{IsWaiting(number)}} || { echo fired; exit 0; }
                        {{start}} >/dev/null || exit
                        systemctl stop -- {{Name(number)}}.timer
                        """;
            var result = await source.RunAsync(script, cancellationToken);
            if (result.Output.Trim() == "fired")
            {
                HasFired = true;
                sink.Warning(
                    $"The services that were stopped on {source.Name} run again: the source heard nothing of the helper for "
                        + $"{limits.Silence.TotalMinutes:0.#} minutes, or has restarted. The cutover needs another pass."
                );
            }
            else if (result.ExitCode == 0)
            {
                number = next;
                units = toStart;
            }
            else
            {
                Refuse(source, result);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private void Refuse(ISource source, SourceResult result)
    {
        if (number > 0)
        {
            sink.Warning($"The timer on {source.Name} that starts its services again was not set back: {result.Error.Trim()}");
            return;
        }

        isRefused = true;
        sink.Warning(
            $"{source.Name} has no timer that starts its services again if the helper and its host are lost (systemd-run: "
                + $"{result.Error.Trim()}). In that case start them by hand."
        );
    }

    private async Task RenewAsync(ISource source, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(limits.Renewal);
        var isTold = false;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken) && IsArmed)
            {
                try
                {
                    // Not broken off: the source would go on with it.
                    await SetAsync(source, units, limits.Silence, CancellationToken.None);
                    isTold = false;
                }
                catch (AgentException exception)
                {
                    if (!isTold)
                        sink.Warning($"The timer on {source.Name} that starts its services again was not set back: {exception.Message}");

                    isTold = true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked for.
        }
    }

    private async Task EndRenewalAsync()
    {
        if (renewing is null)
            return;

        await renewing.CancelAsync();
        await renewal;
        renewing.Dispose();
        renewing = null;
    }

    /// <summary>All of this conversion's: also one whose command was broken off, and those of a helper that restarted.</summary>
    private string StopAll => $"systemctl stop -- {PosixShell.Quote($"{Prefix}-{conversionId}-*.timer")}";

    private string Name(int which) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{conversionId}-{own}-{which}");

    private string IsWaiting(int which) => $"[ \"$(systemctl show --property=SubState -- {Name(which)}.timer)\" = SubState=waiting ]";
}

/// <param name="Silence">How long the source waits for a sign of the helper.</param>
/// <param name="Renewal">How often the helper gives one.</param>
/// <param name="Unattended">How long the source waits while the helper does not hold its login.</param>
internal sealed record RestartTimerLimits(TimeSpan Silence, TimeSpan Renewal, TimeSpan Unattended)
{
    public static RestartTimerLimits Default { get; } = new(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(4), TimeSpan.FromHours(1));
}
