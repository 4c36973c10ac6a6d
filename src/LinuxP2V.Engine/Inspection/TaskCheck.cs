using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Inspection;

/// <summary>All that is known to speak against a task, and the stop that its errors are.</summary>
public static class TaskCheck
{
    /// <summary>The findings about the source, as it was read, and about the destination, as it is now: errors first.</summary>
    public static async Task<IReadOnlyList<Finding>> FindAsync(
        ConversionTask task,
        IDestination destination,
        CancellationToken cancellationToken
    )
    {
        var ofDestination = await destination.TestAsync(task.Plan.Machine, cancellationToken).ConfigureAwait(false);
        return
        [
            .. SourceInspector
                .Inspect(task.Facts, task.Settings, task.Destination)
                .Concat(ofDestination)
                .OrderByDescending(finding => finding.Severity),
        ];
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
            $"The task '{task.Name}' has {(errors.Count == 1 ? "an error" : $"{errors.Count} errors")}: {string.Join(" ", errors.Select(error => $"{error.Id}: {error.What}"))}",
            $"{string.Join(" ", errors.Select(error => error.Remedy).Distinct())} Test-P2VTask shows them one by one; -Force starts in spite of them.",
            task.Name
        );
    }
}
