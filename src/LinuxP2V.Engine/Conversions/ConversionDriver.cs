using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// Takes one conversion from where it stands to where it shall go. Every step may have been done by an earlier driver:
/// each is asked for again and is quick when it was.
/// </summary>
internal sealed class ConversionDriver(
    ConversionTracker tracker,
    IDestination destination,
    MachinePlace? place,
    SourceSecrets? secrets,
    DriveOptions options,
    IAgentConnector connector,
    IEngineConsole console,
    BootProof? proof = null
)
{
    private const int LongestRestartSeries = 3;
    private static readonly TimeSpan HelperTimeout = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromMinutes(1);

    private readonly HelperDeployment deployment = new(tracker, destination, place, options, console);
    private readonly QuiescedServices services = new(tracker, console);
    private readonly HandOver handOver = new(tracker, destination);

    /// <summary>A reconfiguration was asked for: the helper has forgotten the source's login.</summary>
    private bool isSourceForgotten;

    private Conversion Current => tracker.Current;

    /// <exception cref="P2VException">The conversion failed; what was copied is kept.</exception>
    public async Task RunAsync(ConversionGoal goal, CancellationToken cancellationToken)
    {
        try
        {
            await RunThroughRestartsAsync(goal, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            services.WarnIfStopped(handOver.HasBegun);
        }
    }

    private async Task RunThroughRestartsAsync(ConversionGoal goal, CancellationToken cancellationToken)
    {
        var (restarts, isRestart) = (0, false);
        while (true)
        {
            if (await handOver.TryFinishAbandonedAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            if (isRestart)
            {
                console.Warning("The helper VM stopped or restarted; going on with what is on its disks.");
                tracker.Update(c => c with { Attempt = c.Attempt + 1 });
            }

            try
            {
                await RunOnHelperAsync(goal, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ServicesReleasedException)
            {
                // The next greeting tells it again, and what follows from it is done there.
                isRestart = false;
            }
            catch (HelperRestartedException exception)
            {
                isRestart = true;
                // Ours follows on one that was counted, or on none.
                if (!exception.IsOurDoing && restarts++ == LongestRestartSeries)
                {
                    throw new P2VException(
                        ErrorIds.HelperConnectionLost,
                        $"The helper VM stopped or restarted {LongestRestartSeries + 1} times.",
                        "Look at the VM's console and at the destination's health; then Resume-P2VConversion goes on with what is copied.",
                        Current.Id,
                        exception
                    );
                }
            }
        }
    }

    private async Task RunOnHelperAsync(ConversionGoal goal, CancellationToken cancellationToken)
    {
        // A key that cannot be read is told before a VM is made.
        if (secrets is not null && NeedsSource(goal))
            _ = HelperLogin.Create(secrets, Current.Task.Source, Current.Task.Settings.AllowUnattended);

        var key = ConversionKey.Generate(Current.Id);
        var helper = await deployment.DeployAsync(key, cancellationToken).ConfigureAwait(false);
        using var signer = secrets is null ? null : new LoginSigner(secrets, Current.Task.Source);
        using var session = new HelperSession(
            connector,
            helper,
            key,
            TakeAsync,
            console,
            HelperTimeout,
            deployment.LookAsync,
            signer,
            options.HelperSilence
        );
        await session.ConnectAsync(cancellationToken).ConfigureAwait(false);
        Adopt(session.Hello!);
        services.TakeReleases(session.Hello!, goal);
        await AnnounceLimitAsync(session, cancellationToken).ConfigureAwait(false);
        try
        {
            if (services.AreStopped && goal.QuiesceServices.Count == 0)
            {
                // Left by a cutover that is not what is asked for now. A helper that restarted must be told the way to them.
                if (!session.Hello!.HasSource)
                {
                    await OfferSourceAsync(session, AskedId(AgentOperation.Connect, goal), cancellationToken).ConfigureAwait(false);
                }

                await services.StartAsync(session).ConfigureAwait(false);
            }

            await WorkAsync(session, goal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (services.AreStopped && exception is not HelperRestartedException)
        {
            await services.StartAsync(session, ReturnToSourceAsync).ConfigureAwait(false);
            throw;

            Task ReturnToSourceAsync(CancellationToken token) =>
                isSourceForgotten ? OfferSourceAsync(session, AgentOperation.NewId(AgentOperation.Connect), token) : Task.CompletedTask;
        }
        finally
        {
            tracker.LimitChanged = null;
        }

        if (goal.Through == ConversionState.Completed)
        {
            await handOver.RunAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WorkAsync(HelperSession session, ConversionGoal goal, CancellationToken cancellationToken)
    {
        if (goal.ProveBootWithin is not null && proof is not null)
            await proof.CheckAsync(Current, cancellationToken).ConfigureAwait(false);

        await ConnectSourceAsync(session, goal, cancellationToken).ConfigureAwait(false);
        tracker.Enter(ConversionState.HelperReady);
        if (goal.Through == ConversionState.HelperReady)
        {
            return;
        }

        // Before the source's configuration is read, which a hook may change.
        if (!Current.IsCopied)
            await new SourceHooks(tracker, secrets, console).RunAsync(goal, cancellationToken).ConfigureAwait(false);

        tracker.Enter(ConversionState.Preparing);
        await RunAsync(
                session,
                new PrepareRequest
                {
                    RequestId = Id(AgentOperation.Prepare),
                    ConversionId = Current.Id,
                    Layout = Current.Task.Plan.Layout,
                    Reconfigure =
                        Current.IsCopied || Current.Task.Settings.SkipReconfiguration
                            ? null
                            : ReconfigurationInput.Of(Current.Task, Current.MacAddresses, goal.Force),
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        if (!Current.IsCopied)
        {
            tracker.Enter(ConversionState.Copying);
        }

        await RunAsync(session, new CopyRequest { RequestId = Id(AgentOperation.Copy), Options = OptionsFor(goal) }, cancellationToken)
            .ConfigureAwait(false);
        await SynchronizeAsync(session, goal, cancellationToken).ConfigureAwait(false);
        await VerifyAsync(session, goal, cancellationToken).ConfigureAwait(false);
        tracker.Enter(ConversionState.Synchronized);
        if (goal.Through == ConversionState.Synchronized)
        {
            return;
        }

        if (goal is { Through: ConversionState.Completed, ProveBootWithin: { } timeout } && proof is not null)
            await proof.RunAsync(Current, timeout, goal.Force, cancellationToken).ConfigureAwait(false);

        await ReconfigureAsync(session, goal, cancellationToken).ConfigureAwait(false);
        if (goal.Through == ConversionState.Reconfiguring)
        {
            return;
        }

        tracker.Enter(ConversionState.Finishing);
        if (services.AreStopped && isSourceForgotten)
        {
            await ReturnForTheEndAsync(session, goal, cancellationToken).ConfigureAwait(false);
        }

        await RunAsync(session, new FinishRequest { RequestId = Id(AgentOperation.Finish), Force = goal.Force }, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The helper takes away the timer with which the source would start its services again.</summary>
    private async Task ReturnForTheEndAsync(HelperSession session, ConversionGoal goal, CancellationToken cancellationToken)
    {
        try
        {
            await OfferSourceAsync(session, AgentOperation.NewId(AgentOperation.Connect), cancellationToken).ConfigureAwait(false);
        }
        catch (P2VException exception) when (goal.Force)
        {
            console.Warning(exception.Message);
        }
    }

    /// <summary>Goes on with what an earlier driver began: its running operation is ours now.</summary>
    private void Adopt(HelloEvent hello)
    {
        var isSameDaemon = Current.AgentBootId == hello.BootId;
        var active = hello.ActiveRequestId is { } id ? AgentOperation.AttemptOf(id) ?? Current.Attempt : Current.Attempt;
        tracker.Update(c => c with { Attempt = active, AgentBootId = hello.BootId, AgentSequence = isSameDaemon ? c.AgentSequence : 0 });
    }

    /// <summary>A limit set while nobody drove it, or while this drives it, holds for an adopted operation, too.</summary>
    private Task AnnounceLimitAsync(HelperSession session, CancellationToken cancellationToken)
    {
        tracker.LimitChanged = limit => _ = session.AnnounceAsync(Limits(limit), cancellationToken);
        return session.AnnounceAsync(Limits(Current.BandwidthLimitMbps), cancellationToken);

        static SetLimitsRequest Limits(double? limit) => new() { RequestId = AgentOperation.NewId("limits"), BandwidthLimitMbps = limit };
    }

    private async Task ConnectSourceAsync(HelperSession session, ConversionGoal goal, CancellationToken cancellationToken)
    {
        if (!NeedsSource(goal))
        {
            return;
        }

        if (secrets is null && !session.Hello!.HasSource)
            throw CredentialRequired($"The helper does not hold the credential of {Current.Task.Source} any more.");

        if (secrets is null && session.Hello!.NeedsSigner)
            throw CredentialRequired($"The helper has no key of {Current.Task.Source}: this session signs its logins, and was given none.");

        // Before services are stopped, not at the end of the cutover.
        if (secrets is null && goal.QuiesceServices.Count > 0 && goal.Through > ConversionState.Synchronized)
        {
            throw CredentialRequired(
                $"The helper forgets the credential of {Current.Task.Source} before programs of the copy run, and needs it again "
                    + "at the end of a cutover that stops services."
            );
        }

        await OfferSourceAsync(session, AskedId(AgentOperation.Connect, goal), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A copy that only has to be finished needs its source no more: that may be gone.</summary>
    private bool NeedsSource(ConversionGoal goal) => !Current.IsCopied || IsPassWanted(goal) || goal.VerifyPercent is not null;

    private P2VException CredentialRequired(string cause) =>
        new(
            ErrorIds.SourceCredentialRequired,
            cause,
            "Give it again with -Credential or -KeyFile, to this cmdlet or to Resume-P2VConversion.",
            Current.Id
        );

    private async Task OfferSourceAsync(HelperSession session, string requestId, CancellationToken cancellationToken)
    {
        if (secrets is not null)
        {
            var seen = destination.SeenFromHelper(Current.Task.Source);
            await deployment.ConfirmAsync(cancellationToken).ConfigureAwait(false);
            var access = HelperLogin.Create(secrets, seen, Current.Task.Settings.AllowUnattended);
            await RunAsync(session, new ConnectSourceRequest { RequestId = requestId, Source = access }, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private bool IsPassWanted(ConversionGoal goal) =>
        goal.Sync == SyncChoice.Always || goal.QuiesceServices.Count > 0 || (goal.Sync == SyncChoice.IfBroken && Current.IsPassOpen);

    private async Task SynchronizeAsync(HelperSession session, ConversionGoal goal, CancellationToken cancellationToken)
    {
        if (!IsPassWanted(goal))
        {
            if (Current.IsPassOpen)
            {
                console.Warning(
                    "The last pass broke off: if it had begun to change the copy, "
                        + "that is of two moments, and the helper will not finish it."
                );
            }

            return;
        }

        tracker.Enter(ConversionState.Synchronizing);
        if (goal.QuiesceServices.Count > 0)
        {
            var id = AskedId(AgentOperation.StopServices, goal);
            await services
                .StopAsync(session, goal.QuiesceServices, id, request => RunAsync(session, request, cancellationToken))
                .ConfigureAwait(false);
        }

        await RunAsync(
                session,
                new SyncRequest { RequestId = AskedId(AgentOperation.Sync, goal), Options = OptionsFor(goal) },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async Task VerifyAsync(HelperSession session, ConversionGoal goal, CancellationToken cancellationToken)
    {
        if (goal.VerifyPercent is not { } percent)
        {
            return;
        }

        tracker.Enter(ConversionState.Verifying);
        var request = new VerifyRequest
        {
            RequestId = AskedId(AgentOperation.Verify, goal),
            SamplePercent = percent,
            Options = OptionsFor(goal),
        };
        await RunAsync(session, request, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReconfigureAsync(HelperSession session, ConversionGoal goal, CancellationToken cancellationToken)
    {
        if (goal.Through != ConversionState.Reconfiguring && (Current.IsReconfigured || Current.Task.Settings.SkipReconfiguration))
        {
            // By an earlier driver: the helper has forgotten it then, too.
            isSourceForgotten |= Current.IsReconfigured;
            return;
        }

        tracker.Enter(ConversionState.Reconfiguring);
        isSourceForgotten = true;
        var reconfigure = ReconfigurationInput.Of(Current.Task, Current.MacAddresses, goal.Force) with
        {
            ReportsBoot = options.IsRehearsal,
        };
        await RunAsync(
                session,
                new ReconfigureRequest { RequestId = AskedId(AgentOperation.Reconfigure, goal), Options = reconfigure },
                cancellationToken
            )
            .ConfigureAwait(false);
        tracker.Update(c => c with { IsReconfigured = true });
    }

    private async Task RunAsync(HelperSession session, AgentRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await session.RunAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var timeout = new CancellationTokenSource(CancelTimeout);
            try
            {
                await session.CancelAsync(request.RequestId, timeout.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or P2VException or HelperRestartedException)
            {
                console.Warning($"The helper did not confirm the stop: {exception.Message}");
            }

            throw;
        }
    }

    private Task TakeAsync(AgentEvent agentEvent)
    {
        tracker.Take(agentEvent);
        return Task.CompletedTask;
    }

    private CopyOptions OptionsFor(ConversionGoal goal)
    {
        var planned = Current.Task.Settings.Copy;
        return planned with
        {
            BandwidthLimitMbps = Current.BandwidthLimitMbps,
            AllowUnreadable = planned.AllowUnreadable || goal.AllowUnreadable,
            AllowMassDeletion = planned.AllowMassDeletion || goal.AllowMassDeletion,
        };
    }

    private string Id(string operation) => FormattableString.Invariant($"{operation}-{Current.Attempt}");

    /// <summary>For what each asking has done anew.</summary>
    private string AskedId(string operation, ConversionGoal goal) =>
        FormattableString.Invariant($"{operation}-{goal.Number}-{Current.Attempt}");
}
