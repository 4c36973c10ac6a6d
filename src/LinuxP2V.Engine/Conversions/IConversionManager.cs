using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Conversions;

/// <summary>All that a front end does with conversions. Thread safe.</summary>
public interface IConversionManager
{
    /// <summary>Stores a new conversion, state Queued.</summary>
    /// <param name="forcedErrors">Errors of the task that the admin goes on in spite of: kept with the conversion.</param>
    Conversion Create(ConversionTask task, IReadOnlyList<Finding>? forcedErrors = null);

    /// <summary>All stored conversions that can be read, oldest first, as last written by whichever process drives them.</summary>
    IReadOnlyList<Conversion> List();

    /// <summary>Those that cannot be read. <see cref="RemoveAsync"/> forgets them, without their VMs.</summary>
    IReadOnlyList<DamagedConversion> ListDamaged();

    /// <exception cref="P2VException">ConversionNotFound.</exception>
    Conversion Get(string id);

    /// <summary>Whether a living process drives it: this one or another.</summary>
    bool IsDriven(string id);

    /// <summary>
    /// Drives a conversion in the background, from whatever state it is in: the start of a queued one and the resume of
    /// a broken one are the same. Returns at once; the outcome is in the conversion. No more than
    /// <paramref name="limits"/> allow run at a time in this process, the others wait their turn as Queued. A place on a
    /// host and its datastores is taken when a conversion's turn comes, and given back when it ends or stops.
    /// </summary>
    /// <param name="secrets">
    /// May be null on a resume while the helper still holds them, else the conversion fails with
    /// SourceCredentialRequired.
    /// </param>
    /// <param name="goal">What is asked for now. Null: what was asked for last and is not done yet; if nothing was, all of it.</param>
    /// <exception cref="P2VException">
    /// ConversionInUse: another process drives it. ConversionWrongState: it is complete, or the goal out of its
    /// reach.
    /// </exception>
    void Drive(
        string id,
        IDestination destination,
        SourceSecrets? secrets,
        DriveOptions options,
        IEngineConsole console,
        ThrottleLimits? limits = null,
        ConversionGoal? goal = null
    );

    /// <summary>
    /// Returns once nobody works on the conversion: completed, failed, stopped, at its goal, or with
    /// no process driving it any more (its state then says where it was left). Cancelling ends the waiting only.
    /// </summary>
    Task<Conversion> WaitAsync(string id, IProgress<Conversion>? progress, CancellationToken cancellationToken);

    /// <summary>Asks the driver, in whichever process, to stop; returns once it has. What was copied stays.</summary>
    Task<Conversion> StopAsync(string id, CancellationToken cancellationToken);

    /// <summary>
    /// Limits the bandwidth over all streams together: of a conversion that is driven, in whichever process, at once; of
    /// another, for its next run. Returns once that is stored.
    /// </summary>
    /// <param name="megabitsPerSecond">Of 10^6 bits; null or 0: no limit.</param>
    /// <exception cref="P2VException">ConversionWrongState: it is complete.</exception>
    Task<Conversion> LimitAsync(string id, double? megabitsPerSecond, CancellationToken cancellationToken);

    /// <summary>The differences that the newest comparison has found, while it runs and afterwards.</summary>
    /// <param name="after">Only those behind it. One may come twice where a driver died between finding and noting it.</param>
    DifferencePage ReadDifferences(string id, DifferencePlace? after);

    /// <summary>Forgets a conversion that nobody drives; with a destination its VM is deleted first.</summary>
    /// <exception cref="P2VException">ConversionInUse.</exception>
    Task RemoveAsync(string id, IDestination? deleteMachineFrom, CancellationToken cancellationToken);

    /// <summary>
    /// Boots a disposable twin of the copy, reconfigured as the conversion would be, while the conversion stays where it is and
    /// goes on. The twin is deleted however this ends; if this process dies, by the next one that works on the conversion.
    /// No more than <paramref name="limits"/> allow run at a time in this process, conversions included.
    /// </summary>
    /// <returns>The result, which <see cref="FindRehearsal"/> tells too. That the twin did not boot is one.</returns>
    /// <exception cref="P2VException">
    /// ConversionWrongState: the copy is not Synchronized. ConversionInUse: a pass runs. RehearsalRunning, TwinNotPossible,
    /// DestinationFull, HelperImageMissing, and what the destination throws.
    /// </exception>
    Task<Rehearsal> RehearseAsync(
        string id,
        IDestination destination,
        RehearsalOptions rehearsalOptions,
        DriveOptions options,
        IEngineConsole console,
        ThrottleLimits? limits,
        CancellationToken cancellationToken
    );

    /// <summary>The newest rehearsal of the conversion; null: there was none.</summary>
    Rehearsal? FindRehearsal(string id);

    /// <summary>The log of its rehearsals; null: there was none.</summary>
    string? FindRehearsalLog(string id);

    /// <summary>The log of one conversion: every step, incident and change, a line each.</summary>
    string GetLogPath(string id);
}

/// <param name="HelperImagePath">The helper ISO.</param>
public sealed record DriveOptions(string HelperImagePath)
{
    /// <summary>It is the twin of a rehearsal that is driven.</summary>
    internal bool IsRehearsal { get; init; }

    /// <summary>After which the VM of a helper at work is looked at; null: as is usual.</summary>
    internal TimeSpan? HelperSilence { get; init; }
}
