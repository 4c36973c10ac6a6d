using System.Net;
using LinuxP2V.Engine.Destinations;
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
                task => new[] { (task.Destination, task.Settings.Placement.InventoryLocation, NameOf(task)) },
                (task, first) =>
                    $"{task.Source.Host} and {first.Source.Host} are both to become the VM '{task.Name}' in {task.Destination.Address}.",
                "Give one of them another -Name."
            ),
            .. Same(
                tasks,
                task => task.Settings.HelperNetwork.Addresses.Select(AddressOf).Distinct(),
                (task, first) => $"The helpers of '{task.Name}' and '{first.Name}' are to have the same address.",
                "Give each task its own -HelperIPAddress, or run them one after the other."
            ),
            .. Same(
                tasks,
                task => task.Plan.Addresses.SelectMany(one => one.Addresses).Select(AddressOf),
                (task, first) => $"The VMs '{task.Name}' and '{first.Name}' are to have the same address.",
                "Give each task its own -IPAddress."
            ),
            .. Same(
                tasks,
                task => new[] { (task.Source.Host.ToUpperInvariant(), task.Source.Port) },
                (task, first) => $"'{task.Name}' and '{first.Name}' are both copies of {task.Source.Host}.",
                "Leave out one of them, unless two copies are wanted.",
                FindingSeverity.Warning
            ),
        ];

    private static IEnumerable<(ConversionTask, Finding)> Same<TKey>(
        IReadOnlyList<ConversionTask> tasks,
        Func<ConversionTask, IEnumerable<TKey>> keysOf,
        Func<ConversionTask, ConversionTask, string> what,
        string remedy,
        FindingSeverity severity = FindingSeverity.Error
    ) =>
        from same in tasks.SelectMany(task => keysOf(task).Select(key => (Task: task, Key: key))).GroupBy(asked => asked.Key)
        let first = same.First().Task
        from asked in same.Skip(1)
        select (asked.Task, new Finding(severity, ErrorIds.TasksConflict, asked.Task.Name, what(asked.Task, first), remedy));

    /// <summary>Names differ by case in a folder of this machine alone.</summary>
    private static string NameOf(ConversionTask task) =>
        DestinationKinds.IsLocal(task.Destination) ? task.Name : task.Name.ToUpperInvariant();

    /// <summary>Without its prefix length, in one way of writing.</summary>
    private static string AddressOf(string text) => IPAddress.TryParse(text.Split('/')[0], out var address) ? address.ToString() : text;
}
