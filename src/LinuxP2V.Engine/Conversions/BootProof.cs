using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// The rehearsal that a cutover asks for: after the last pass, while services of the source may be stopped, and before the copy
/// itself is changed. Where the twin does not boot, the conversion fails, and its copy is kept as it is.
/// </summary>
internal sealed class BootProof(RehearsalRunner runner, ITwinDestination destination, DriveOptions options, IEngineConsole console)
{
    /// <summary>Before anything of the source is stopped.</summary>
    /// <exception cref="P2VException">DestinationFull.</exception>
    public Task CheckAsync(Conversion conversion, CancellationToken cancellationToken) =>
        RehearsalRunner.RequireRoomAsync(conversion.Id, conversion.MachineId!, destination, cancellationToken);

    /// <param name="timeout">From the twin's power-on.</param>
    /// <exception cref="P2VException">BootNotProved, and what a rehearsal throws.</exception>
    public async Task RunAsync(Conversion conversion, TimeSpan timeout, bool force, CancellationToken cancellationToken)
    {
        console.Verbose("Booting a twin of the copy.");
        var wanted = new RehearsalOptions { BootTimeout = timeout, Force = force };
        var rehearsal = await runner.RunAsync(conversion, destination, wanted, options, console, cancellationToken).ConfigureAwait(false);
        if (rehearsal.Booted)
            return;

        var picture =
            rehearsal.Screenshots.Count == 0 ? "" : $" Its screen is in {rehearsal.Screenshots[rehearsal.Screenshots.Count - 1]}.";
        throw new P2VException(
            ErrorIds.BootNotProved,
            $"The twin of the copy did not boot: {rehearsal.Reason}",
            $"The copy is kept, and the source was left as it was.{picture} Mend what is wrong on the source or by settings, bring it "
                + "over with Sync-P2VConversion, and look at it with Test-P2VBoot. Complete-P2VConversion without -ProveBoot goes on "
                + "all the same.",
            conversion.Id
        );
    }
}
