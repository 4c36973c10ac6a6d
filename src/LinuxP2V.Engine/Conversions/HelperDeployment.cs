using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>Gets a conversion its helper: made, running and open to this engine's key, whatever an earlier driver did.</summary>
internal sealed class HelperDeployment(
    ConversionTracker tracker,
    IDestination destination,
    MachinePlace? place,
    DriveOptions options,
    IEngineConsole console
)
{
    /// <summary>What the machine waits for, as it was told; empty: that it is resumed.</summary>
    private string? standstill;
    private HelperEndpoint? helper;

    private Conversion Current => tracker.Current;

    /// <exception cref="P2VException">Nothing was made, or the helper does not answer.</exception>
    /// <exception cref="HelperRestartedException">
    /// The machine is off: its helper finished, or stopped while we tried to connect.
    /// </exception>
    public async Task<HelperEndpoint> DeployAsync(ConversionKey key, CancellationToken cancellationToken)
    {
        tracker.Enter(ConversionState.DeployingHelper);
        // Of an earlier boot.
        helper = null;
        var wanted = Current.Task.Plan.Machine;
        var settings = new HelperSettings
        {
            ConversionId = Current.Id,
            AuthorizedKey = key.AuthorizedKey,
            Network = Current.Task.Settings.HelperNetwork,
        };
        if (Current.MachineId is null)
        {
            var image = HelperImage.Require(options.HelperImagePath);
            var specification = place is null ? wanted : wanted with { Placement = place.Placement };
            await RequireRoomAsync(specification, image, cancellationToken).ConfigureAwait(false);
            console.Verbose($"Creating the VM '{wanted.Name}' at {destination.Reference.Address}.");
            var machine = await destination
                .CreateAsync(specification, settings, image, Current.Id, cancellationToken)
                .ConfigureAwait(false);
            tracker.Remember(machine);
        }

        await PowerOnHelperAsync(cancellationToken).ConfigureAwait(false);
        console.Verbose("Waiting for the helper to boot.");
        try
        {
            var found = await destination.AttachHelperAsync(Current.MachineId!, settings, cancellationToken).ConfigureAwait(false);
            found = await RequireSameHelperAsync(found, cancellationToken).ConfigureAwait(false);
            console.Verbose($"The helper answers at {found.Host}:{found.Port}.");
            // Addresses that the power-on made are there now.
            tracker.Remember(await destination.GetAsync(Current.MachineId!, cancellationToken).ConfigureAwait(false));
            return found;
        }
        catch (P2VException) when (Current.AgentBootId is not null)
        {
            // A helper that had work may have finished it and ended while we tried to connect.
            await LookAsync(isLost: false, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// A helper makes its host key when it boots, and keeps it. Another key without a new start of the VM is another machine's, or
    /// that of a helper that rebooted: only a new start tells.
    /// </summary>
    /// <exception cref="HelperRestartedException">The VM was powered off.</exception>
    private async Task<HelperEndpoint> RequireSameHelperAsync(HelperEndpoint found, CancellationToken cancellationToken)
    {
        if (Current.Helper is { PoweredOnAt: not null } known && (found.PoweredOnAt ?? known.PoweredOnAt) == known.PoweredOnAt)
        {
            if (known.HostKey == found.HostKey)
            {
                // A destination that does not tell the time at the moment does not make it unknown.
                helper = found with
                {
                    PoweredOnAt = known.PoweredOnAt,
                };
                return helper;
            }

            console.Warning(
                $"The helper of {Current.Task.Plan.Machine.Name} has another host key than before, and no new start of its VM is known: "
                    + "it rebooted, or another machine claims to be it. The VM is started anew."
            );
            await destination.PowerOffAsync(Current.MachineId!, cancellationToken).ConfigureAwait(false);
            // Where the destination tells no time after the new start either, its key would be another one for ever.
            tracker.Update(c => c with { Helper = null });
            throw new HelperRestartedException { IsOurDoing = true };
        }

        tracker.Update(c => c with { Helper = new HelperIdentity(found.HostKey, found.PoweredOnAt) });
        helper = found;
        return found;
    }

    /// <summary>Before secrets go to it: it is still the one that announced itself.</summary>
    /// <exception cref="P2VException">HelperHostKeyMismatch: another has announced itself since.</exception>
    public Task ConfirmAsync(CancellationToken cancellationToken) =>
        destination.ConfirmHelperAsync(Current.MachineId!, helper!, cancellationToken);

    /// <summary>A user who skipped Test-P2VTask gets the findings here, before anything is made.</summary>
    private async Task RequireRoomAsync(MachineSpecification machine, string image, CancellationToken cancellationToken)
    {
        var findings = await destination.TestAsync(machine, image, cancellationToken).ConfigureAwait(false);

        // A name may be taken by this very conversion, whose last driver died before it knew: creating tells them apart.
        if (findings.FirstOrDefault(f => f.Severity == FindingSeverity.Error && f.Id != ErrorIds.DestinationNameTaken) is { } obstacle)
        {
            throw new P2VException(obstacle.Id, obstacle.What, obstacle.Remedy, Current.Id);
        }
    }

    /// <summary>A machine whose helper finished is the destination VM: starting it is the hand-over's business.</summary>
    private async Task PowerOnHelperAsync(CancellationToken cancellationToken)
    {
        var machine = await destination.GetAsync(Current.MachineId!, cancellationToken).ConfigureAwait(false);
        if (machine.Power != MachinePower.PoweredOff)
        {
            return;
        }

        if (await destination.IsHelperFinishedAsync(machine.Id, cancellationToken).ConfigureAwait(false))
        {
            throw new HelperRestartedException();
        }

        await destination.PowerOnAsync(machine.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asked when a helper does not answer, or says nothing. A server that does not answer either tells nothing of it, and
    /// a session that has ended is no reason to end work that needs none.
    /// </summary>
    /// <param name="isLost">
    /// The helper cannot be reached. One whose connection stands is the true one, whatever is announced: who may write
    /// the VM's settings does not get it powered off by that.
    /// </param>
    /// <returns>
    /// Whether the machine stands still until somebody answers its question or resumes it, and that is to be waited for.
    /// Services of the source that are stopped do not wait.
    /// </returns>
    /// <exception cref="HelperRestartedException">The machine is off, or was started anew, as after its host's failure.</exception>
    public async Task<bool> LookAsync(bool isLost, CancellationToken cancellationToken)
    {
        DestinationMachine machine;
        string? waitsFor;
        try
        {
            machine = await destination.GetAsync(Current.MachineId!, cancellationToken).ConfigureAwait(false);
            if (
                machine.Power == MachinePower.PoweredOff
                || (machine.PoweredOnAt is { } now && helper?.PoweredOnAt is { } before && now != before)
            )
            {
                throw new HelperRestartedException();
            }

            // A guest that stands still has announced nothing.
            waitsFor = machine.Question ?? (machine.Power == MachinePower.Suspended ? "" : null);
            if (isLost && waitsFor is null && helper is not null)
            {
                await ConfirmAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (P2VException exception) when (exception.ErrorId == ErrorIds.HelperHostKeyMismatch)
        {
            // It has announced itself anew, as after a reset, and perhaps from another address.
            console.Warning(exception.Message);
            throw new HelperRestartedException();
        }
        catch (P2VException exception) when (exception.ErrorId != ErrorIds.MachineNotFound)
        {
            return false;
        }

        tracker.Note(machine.Findings);
        if (waitsFor is not null && waitsFor != standstill)
        {
            console.Warning(
                (
                    machine.Question is null
                        ? $"The VM {machine.Name} is suspended. Its work goes on when somebody resumes the VM; no cmdlet does."
                        : $"The VM {machine.Name} waits until somebody answers: {machine.Question} Its work goes on then."
                ) + RestingServices
            );
        }

        standstill = waitsFor;
        return waitsFor is not null && Current.ServicesAtRest.Count == 0;
    }

    private string RestingServices =>
        Current.ServicesAtRest.Count == 0
            ? ""
            : $" On the source {Current.Task.Source.Host} these services are stopped meanwhile: "
                + $"{string.Join(", ", Current.ServicesAtRest)}. If the VM cannot go on soon, stop the conversion and start them there: "
                + $"systemctl start {string.Join(" ", Current.ServicesAtRest)}";
}
