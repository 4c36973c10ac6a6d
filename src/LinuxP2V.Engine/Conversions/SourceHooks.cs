using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>The admin's scripts for the source: each runs once before the first pass, however often the conversion is resumed.</summary>
internal sealed class SourceHooks(ConversionTracker tracker, SourceSecrets? secrets, IEngineConsole console)
{
    /// <summary>Those that have not run yet; all of them where they are to run again.</summary>
    /// <exception cref="P2VException">HookFailed, SourceCredentialRequired, and whatever keeps from logging in.</exception>
    public async Task RunAsync(ConversionGoal goal, CancellationToken cancellationToken)
    {
        foreach (var hook in tracker.Current.Task.Settings.Hooks.Where(hook => hook.Moment == HookMoment.BeforeCopy))
        {
            if (IsDone(hook, goal))
                continue;

            await RunAsync(hook, cancellationToken).ConfigureAwait(false);
            tracker.Update(c =>
                c with
                {
                    FinishedHooks =
                    [
                        .. c.FinishedHooks.Where(done => done.Name != hook.Name),
                        new FinishedHook(hook.Name, goal.RepeatHooks ? goal.Number : 0),
                    ],
                }
            );
        }
    }

    private bool IsDone(HookScript hook, ConversionGoal goal) =>
        tracker.Current.FinishedHooks.Any(done => done.Name == hook.Name && (!goal.RepeatHooks || done.GoalNumber == goal.Number));

    private async Task RunAsync(HookScript hook, CancellationToken cancellationToken)
    {
        var source = tracker.Current.Task.Source;
        if (secrets is null)
            throw new P2VException(
                ErrorIds.SourceCredentialRequired,
                $"The {hook} has to run on {source.Host} before the copy, and this session has no login for it.",
                "Give it with -Credential or -KeyFile, to this cmdlet or to Resume-P2VConversion.",
                tracker.Current.Id
            );

        console.Verbose($"The {hook} runs on {source.Host}.");
        var code = await SourceHook.RunAsync(hook, source, secrets, console, cancellationToken).ConfigureAwait(false);
        var failure =
            code is null ? FormattableString.Invariant($"did not end within {hook.TimeoutSeconds} seconds and may still run")
            : code != 0 ? FormattableString.Invariant($"ended with {code}")
            : null;
        if (failure is null)
            console.Verbose($"The {hook} ended well.");
        else if (hook.ContinueOnError)
            console.Warning($"The {hook} {failure} on {source.Host}; the conversion goes on, as it was asked to.");
        else
            throw new P2VException(
                ErrorIds.HookFailed,
                $"The {hook} {failure} on {source.Host}.",
                "See in the conversion's log what it printed (Export-P2VLog). Nothing is copied yet: mend the cause and resume the "
                    + "conversion, which runs the hook again.",
                tracker.Current.Id
            );
    }
}
