using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Inspection;

/// <summary>What tasks that are to be carried out together cannot all have.</summary>
public static class TaskConflicts
{
    /// <returns>An error for each task but the first of those that ask for the same thing.</returns>
    public static IReadOnlyList<(ConversionTask Task, Finding Finding)> Find(IReadOnlyList<ConversionTask> tasks) =>
        [
            .. Same(
                tasks,
                task => [$"{task.Destination.Kind} {task.Destination.Address}:{task.Destination.Port} {FolderOf(task)} {task.Name}"],
                (task, first) =>
                    $"{task.Source.Host} and {first.Source.Host} are both to become the VM '{task.Name}' in {task.Destination.Address}.",
                "Give one of them another -Name."
            ),
            .. Same(
                tasks,
                task => task.Settings.HelperNetwork.Addresses.Select(address => address.Split('/')[0]),
                (task, first) => $"The helpers of '{task.Name}' and '{first.Name}' are to have the same address.",
                "Give each task its own -HelperIPAddress, or run them one after the other."
            ),
            .. Same(
                tasks,
                task => [$"{task.Source.Host}:{task.Source.Port}"],
                (task, first) => $"'{task.Name}' and '{first.Name}' are both copies of {task.Source.Host}.",
                "Leave out one of them, unless two copies are wanted.",
                FindingSeverity.Warning
            ),
        ];

    private static IEnumerable<(ConversionTask, Finding)> Same(
        IReadOnlyList<ConversionTask> tasks,
        Func<ConversionTask, IEnumerable<string>> keysOf,
        Func<ConversionTask, ConversionTask, string> what,
        string remedy,
        FindingSeverity severity = FindingSeverity.Error
    ) =>
        from same in tasks
            .SelectMany(task => keysOf(task).Select(key => (Task: task, Key: key)))
            .GroupBy(asked => asked.Key, StringComparer.OrdinalIgnoreCase)
        let first = same.First().Task
        from asked in same.Skip(1)
        select (asked.Task, new Finding(severity, ErrorIds.TasksConflict, asked.Task.Name, what(asked.Task, first), remedy));

    private static string? FolderOf(ConversionTask task) => task.Settings.Placement.InventoryLocation;
}
