using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Engine.Rehearsals;

/// <summary>
/// Watches a twin from its power-on until it is up, has stopped on its way, or the time is over. What counts is what is
/// there: the twin's own report, a login prompt on its console, an SSH server that answers.
/// </summary>
internal sealed class BootWatch(ITwinDestination destination, string twinId, RehearsalOptions options, IEngineConsole console)
{
    private const int ShownConsoleLines = 40;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UntilInterval = TimeSpan.FromSeconds(5);

    /// <summary>After a sign of life that needs no report: a report that has not begun by then does not come.</summary>
    private static readonly TimeSpan ReportTimeout = TimeSpan.FromMinutes(2);

    /// <summary>A line that looks like a stop may be of a machine that goes on, such as one that waits for a disk.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly List<BootStage> stages = [];
    private readonly Stopwatch sincePowerOn = new();
    private TwinOutput output = new("", "", null);
    private BootReport report = new();
    private IReadOnlyList<string> lines = [];
    private TimeSpan? stoppedAt;

    /// <summary>The twin has just been powered on.</summary>
    /// <returns>What came of it; Booted and Reason are set.</returns>
    public async Task<Rehearsal> RunAsync(Rehearsal rehearsal, CancellationToken cancellationToken)
    {
        sincePowerOn.Restart();
        while (true)
        {
            await LookAsync(cancellationToken).ConfigureAwait(false);
            if (await JudgeAsync(cancellationToken).ConfigureAwait(false) is var (booted, reason))
                return Describe(rehearsal) with { Booted = booted, Reason = reason };

            await Task.Delay(LookInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The user's own proof, after the twin came up.</summary>
    public async Task<Rehearsal> ProveAsync(Rehearsal rehearsal, CancellationToken cancellationToken)
    {
        if (options.Until is not { } until || !rehearsal.Booted)
            return rehearsal;

        console.Verbose("The twin is up; waiting for what -Until asks.");
        while (!await until(rehearsal, cancellationToken).ConfigureAwait(false))
        {
            if (sincePowerOn.Elapsed > options.BootTimeout)
            {
                return rehearsal with
                {
                    Booted = false,
                    Reason = $"It came up, but what -Until asks was not so within {Seconds(options.BootTimeout)} s of its power-on.",
                };
            }

            await Task.Delay(UntilInterval, cancellationToken).ConfigureAwait(false);
        }

        stages.Add(new BootStage("Until", sincePowerOn.Elapsed));
        return rehearsal with { Stages = [.. stages] };
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        output = await destination.ReadOutputAsync(twinId, cancellationToken).ConfigureAwait(false);
        report = BootReport.Read(output.Report);
        lines = SerialText.Lines(output.Console);
        if (report.HasBegun)
            Reach("UserSpace");

        if (ConsoleText.HasLoginPrompt(lines))
            Reach("LoginPrompt");

        if (!Has("Ssh") && output.SshPort is { } port && await SshBanner.AnswersAsync(port, cancellationToken).ConfigureAwait(false))
            Reach("Ssh");

        if (report is { IsComplete: true, State: "running" or "degraded" })
            Reach("SystemUp");
    }

    /// <returns>Null: not decided yet.</returns>
    private async Task<(bool Booted, string Reason)?> JudgeAsync(CancellationToken cancellationToken)
    {
        if (report is { IsComplete: true, State: { } state })
        {
            return state == "maintenance"
                ? (false, "It stopped in the emergency mode, which asks for root's password at the console.")
                : (true, $"Its system is {state} {After(stages[stages.Count - 1])}.");
        }

        var machine = await destination.GetAsync(twinId, cancellationToken).ConfigureAwait(false);
        if (machine.Power == MachinePower.PoweredOff)
            return (false, $"It powered itself off {Seconds(sincePowerOn.Elapsed)} s after its start.");

        // Where it has a report to come, that tells more.
        if (!report.HasBegun && stages.FirstOrDefault(stage => stage.Name is "LoginPrompt" or "Ssh") is { } sign)
        {
            return sincePowerOn.Elapsed - sign.After > ReportTimeout
                ? (true, $"{(sign.Name == "Ssh" ? "Its SSH server answers" : "It asks for a login")} {After(sign)}. It sent no report.")
                : null;
        }

        if (ConsoleText.FindStop(lines) is { } stop)
        {
            stoppedAt ??= sincePowerOn.Elapsed;
            if (sincePowerOn.Elapsed - stoppedAt > StopTimeout)
                return (false, $"It stopped on its way: '{stop}'.");
        }

        return sincePowerOn.Elapsed > options.BootTimeout ? (false, DescribeTimeout()) : null;
    }

    private string DescribeTimeout() =>
        stages.Count == 0
            ? $"Nothing was heard of it within {Seconds(options.BootTimeout)} s. Its screen shows how far it came."
            : $"It was not up within {Seconds(options.BootTimeout)} s; the last that was seen: "
                + $"{string.Join(", ", stages.Select(stage => $"{stage.Name} {After(stage)}"))}.";

    private Rehearsal Describe(Rehearsal rehearsal) =>
        rehearsal with
        {
            SystemState = report.State,
            Stages = [.. stages],
            FailedUnits = report.FailedUnits,
            KernelMessages = report.KernelMessages,
            Addresses = report.Addresses,
            ConsoleLines = [.. lines.Skip(Math.Max(0, lines.Count - ShownConsoleLines))],
            SshPort = output.SshPort,
        };

    private bool Has(string stage) => stages.Exists(known => known.Name == stage);

    private void Reach(string stage)
    {
        if (Has(stage))
            return;

        stages.Add(new BootStage(stage, sincePowerOn.Elapsed));
        console.Verbose($"The twin reached {stage} {After(stages[stages.Count - 1])}.");
    }

    private static string After(BootStage stage) => $"after {Seconds(stage.After)} s";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
}
