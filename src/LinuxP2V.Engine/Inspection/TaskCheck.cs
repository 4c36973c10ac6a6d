using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Inspection;

/// <summary>All that is known to speak against a task, and the stop that its errors are.</summary>
public static class TaskCheck
{
    /// <summary>
    /// The findings about the source, as it was read, about its configuration and about the destination, as they are now;
    /// and what the reconfiguration will change.
    /// </summary>
    /// <param name="helperImagePath">The image that the helper is to be made with; null: not known yet.</param>
    /// <param name="secrets">For the source's configuration; null: it is not read, which a finding says.</param>
    public static async Task<TaskReport> FindAsync(
        ConversionTask task,
        IDestination destination,
        string? helperImagePath,
        SourceSecrets? secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        var ofDestination = await destination.TestAsync(task.Plan.Machine, helperImagePath, cancellationToken).ConfigureAwait(false);
        var ofSource = SourceInspector.Inspect(task.Facts, task.Settings, task.Destination);
        var reconfiguration = await ReconfigurationPlanner.PlanAsync(task, secrets, console, cancellationToken).ConfigureAwait(false);
        return new TaskReport(
            [.. ofSource.Concat(reconfiguration.Findings).Concat(ofDestination).OrderByDescending(finding => finding.Severity)],
            reconfiguration.Changes
        );
    }

    /// <returns>The errors that the admin goes on in spite of; none where there are none.</returns>
    /// <param name="isForced">The admin was told and wants it all the same.</param>
    /// <exception cref="P2VException">TaskHasErrors: names each of them with its remedy.</exception>
    public static IReadOnlyList<Finding> RequireNoErrors(ConversionTask task, IReadOnlyList<Finding> findings, bool isForced)
    {
        var errors = findings.Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        if (errors.Count == 0 || isForced)
            return errors;

        throw new P2VException(
            ErrorIds.TaskHasErrors,
            $"The task '{task.Name}' has {(errors.Count == 1 ? "an error" : $"{errors.Count} errors")}: "
                + $"{string.Join(" ", errors.Select(error => $"{error.Id}: {error.What}"))}",
            $"{string.Join(" ", errors.Select(error => error.Remedy).Distinct())} Test-P2VTask shows them one by one; "
                + $"-Force starts in spite of them.",
            task.Name
        );
    }
}

/// <summary>What is known of a task before anything is made.</summary>
/// <param name="Findings">Errors first.</param>
/// <param name="Changes">What the reconfiguration will change in the copy, in its order.</param>
public sealed record TaskReport(IReadOnlyList<Finding> Findings, IReadOnlyList<PlannedChange> Changes);
