using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Services;

/// <summary>
/// A timer in the source's own systemd that starts stopped services again. While the helper lives it replaces the timer
/// by a new one again and again; once the helper's host is dead nobody does, and the timer runs out.
/// </summary>
/// <param name="conversionId">
/// Names the timers, so that those which a helper of this conversion left when it restarted are found.
/// </param>
/// <param name="limits">Null: minutes.</param>
internal sealed class RestartTimer(IEventSink sink, string conversionId, RestartTimerLimits? limits = null) : IAsyncDisposable
{
    private const string Prefix = "linuxp2v-restart";

    /// <summary>A source whose systemd does not answer holds nothing up for longer.</summary>
    private static readonly TimeSpan RenewalTimeout = TimeSpan.FromMinutes(2);

    private readonly RestartTimerLimits limits = limits ?? RestartTimerLimits.Default;
    private readonly string own = Guid.NewGuid().ToString("N")[..8];
    private readonly SemaphoreSlim gate = new(1);

    /// <summary>
    /// Of the timer that is known to run; 0: none. Each has a name of its own, so that the next runs before it is taken away.
    /// </summary>
    private int number;

    /// <summary>Of the timer that was asked for last. Where the answer was lost, it may run or not.</summary>
    private int last;

    /// <summary>How long the known timer waits, and since when.</summary>
    private TimeSpan span;
    private Stopwatch sinceSet = new();
    private IReadOnlyList<string> units = [];
    private bool isRefused;
    private CancellationTokenSource? renewing;
    private Task renewal = Task.CompletedTask;

    /// <summary>It ran out, or the source restarted: services that were stopped run again.</summary>
    public bool HasFired { get; private set; }

    public bool IsArmed => number > 0 && !HasFired;

    /// <summary>Timers of other conversions that wait on the source: they would start what this one stops.</summary>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public static async Task<IReadOnlyList<string>> FindOthersAsync(
        ISource source,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        var result = await source.RunAsync(
            $"systemctl list-units --all --plain --no-legend -- '{Prefix}-*.timer' 2>/dev/null",
            cancellationToken
        );
        return
        [
            .. result
                .Output.Split('\n')
                .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2))
                .Where(word =>
                    word.StartsWith(Prefix + "-", StringComparison.Ordinal)
                    && !word.StartsWith($"{Prefix}-{conversionId}-", StringComparison.Ordinal)
                    // It is shown to people.
                    && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')
                ),
        ];
    }

    /// <summary>Sets the timer. When the helper falls silent, it starts these units, and only these.</summary>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public async Task ArmAsync(ISource source, IReadOnlyList<string> toStart, CancellationToken cancellationToken)
    {
        await SetAsync(source, toStart, limits.Silence, cancellationToken);
        BeginRenewal(source);
    }

    /// <summary>Goes on by another way to the same source.</summary>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public async Task MoveAsync(ISource source, CancellationToken cancellationToken)
    {
        await EndRenewalAsync();
        if (!IsArmed)
            return;

        await SetAsync(source, null, limits.Silence, cancellationToken);
        BeginRenewal(source);
    }

    /// <summary>For a time in which the source cannot be reached: gives the timer longer, and leaves it alone.</summary>
    /// <returns>False where the source has no such timer.</returns>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public async Task<bool> ExtendAsync(ISource source, CancellationToken cancellationToken)
    {
        await EndRenewalAsync();
        if (IsArmed)
            await SetAsync(source, null, limits.Unattended, cancellationToken);

        return number > 0;
    }

    /// <summary>Takes the timer away. What it says of <see cref="HasFired"/> is true up to this moment.</summary>
    /// <exception cref="AgentException">As the source's commands.</exception>
    public async Task ClearAsync(ISource source, CancellationToken cancellationToken)
    {
        await EndRenewalAsync();
        await gate.WaitAsync(cancellationToken);
        try
        {
            // Also one that was asked for and never confirmed.
            if (last == 0)
                return;

            var result = await source.RunAsync($"{FindRunning()}\n{StopAll}\necho \"runs $runs\"", cancellationToken);
            if (result.ExitCode != 0)
            {
                throw new AgentException(
                    ErrorIds.ServiceNotStopped,
                    $"The timer on {source.Name} that starts its services again could not be taken away.",
                    $"Take it away on the source (systemctl stop '{Prefix}-{conversionId}-*.timer'), and resume the conversion.",
                    result.Error.Trim()
                );
            }

            HasFired |= number > 0 && result.Output.Trim() == "runs";
            (number, last) = (0, 0);
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

    /// <param name="toStart">Null: what it starts already.</param>
    private async Task SetAsync(ISource source, IReadOnlyList<string>? toStart, TimeSpan after, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (HasFired || isRefused)
                return;

            var wanted = toStart ?? units;
            var before = number == 0 ? StopAll : $"{FindRunning()}\n[ -n \"$runs\" ] || {{ echo fired; exit 0; }}";
            var old = number == 0 ? [] : Enumerable.Range(number, last - number + 1).Select(TimerOf).ToList();
            var next = ++last;
            var result = await source.RunAsync(
                $"""
                {before}
                {Start(next, wanted, after)} >/dev/null || exit
                {(old.Count == 0 ? "" : $"systemctl stop -- {PosixShell.Join(old)}")}
                """,
                cancellationToken
            );
            if (result.Output.Trim() == "fired")
            {
                HasFired = true;
                sink.Warning(
                    $"The services that were stopped on {source.Name} run again: the source heard nothing of the helper for "
                        + $"{span.TotalMinutes:0.#} minutes, or has restarted. The cutover needs another pass."
                );
            }
            else if (result.ExitCode == 0)
            {
                (number, units, span, sinceSet) = (next, wanted, after, Stopwatch.StartNew());
            }
            else if (number > 0)
            {
                TellNotRenewed(source, result.Error);
            }
            else
            {
                Refuse(source, result.Error);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private string Start(int which, IReadOnlyList<string> toStart, TimeSpan after)
    {
        var seconds = Math.Max(1, (long)after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return PosixShell.Join([
            "systemd-run",
            $"--unit={Name(which)}",
            "--description=Start services again that LinuxP2V stopped",
            $"--on-active={seconds}",
            "--timer-property=AccuracySec=1s",
            "--",
            "systemctl",
            "start",
            "--",
            .. toStart,
        ]);
    }

    private void TellNotRenewed(ISource source, string message) =>
        sink.Warning($"The timer on {source.Name} that starts its services again could not be renewed: {message.Trim()}");

    private void Refuse(ISource source, string message)
    {
        isRefused = true;
        sink.Warning(
            $"{source.Name} has no timer that starts its services again if the helper and its host are lost (systemd-run: "
                + $"{message.Trim()}). In that case start them by hand."
        );
    }

    private void BeginRenewal(ISource source)
    {
        if (renewing is not null || !IsArmed)
            return;

        renewing = new CancellationTokenSource();
        renewal = RenewAsync(source, renewing.Token);
    }

    private async Task RenewAsync(ISource source, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(limits.Renewal);
        var isTold = false;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken) && IsArmed)
            {
                using var limit = new CancellationTokenSource(RenewalTimeout);
                try
                {
                    await SetAsync(source, null, limits.Silence, limit.Token);
                    isTold = false;
                }
                // Whatever a source does must not end what keeps its services stopped.
                catch (Exception exception)
                {
                    if (!isTold)
                        TellNotRenewed(source, exception.Message);

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
        if (renewing is not { } ending)
            return;

        renewing = null;
        await ending.CancelAsync();
        await renewal;
        ending.Dispose();
    }

    /// <summary>
    /// A script that sets runs to the timer that waits, or to nothing where none does; it fails where that cannot be told.
    /// Before the known timer's time is over, one whose answer was lost counts, too: it has taken the known one's place.
    /// </summary>
    private string FindRunning()
    {
        var candidates =
            number == 0 ? []
            : sinceSet.Elapsed < span ? Enumerable.Range(number, last - number + 1).Select(TimerOf)
            : [TimerOf(number)];
        return $$"""
            runs=
            for t in {{PosixShell.Join(candidates)}}; do
              s=$(systemctl show --property=SubState -- "$t") || exit 1
              [ "$s" != SubState=waiting ] || runs=$t
            done
            """;
    }

    /// <summary>All of this conversion's: also one whose command was broken off, and those of a helper that restarted.</summary>
    private string StopAll => $"systemctl stop -- {PosixShell.Quote($"{Prefix}-{conversionId}-*.timer")}";

    private string TimerOf(int which) => Name(which) + ".timer";

    private string Name(int which) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{conversionId}-{own}-{which}");
}

/// <param name="Silence">How long the source waits for a sign of the helper.</param>
/// <param name="Renewal">How often the helper gives one.</param>
/// <param name="Unattended">How long the source waits while the helper does not hold its login.</param>
internal sealed record RestartTimerLimits(TimeSpan Silence, TimeSpan Renewal, TimeSpan Unattended)
{
    public static RestartTimerLimits Default { get; } = new(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(4), TimeSpan.FromHours(1));
}
