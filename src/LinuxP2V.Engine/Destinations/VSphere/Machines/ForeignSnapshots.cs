using System.Globalization;
using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>LinuxP2V makes no snapshots: those that a VM of ours has are a backup's or an administrator's.</summary>
internal static class ForeignSnapshots
{
    /// <summary>A backup that fails to remove its own leaves one a day.</summary>
    private const int MostNamed = 3;

    /// <param name="snapshot">The VM's property of this name; null: it has none.</param>
    /// <returns>None for a VM that writes to its own disks.</returns>
    public static IEnumerable<Finding> Judge(string machine, XElement? snapshot, bool needsConsolidation)
    {
        var found = Flatten(snapshot.Children("rootSnapshotList")).ToList();
        if (found.Count > 0)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                ErrorIds.MachineHasSnapshots,
                machine,
                $"The VM {machine} has {Count(found.Count)} that LinuxP2V did not make: {Names(found)}. What is written since then goes to "
                    + "files beside its disks, which grow. No disk can be resized, and going back to a snapshot of the time of the copy "
                    + "brings back the helper and half a copy.",
                "Have the backup product remove what it made, or delete the snapshots in the vSphere Client. "
                    + "Remove-P2VConversion -DeleteVM deletes them with the VM."
            );
        }
        else if (needsConsolidation)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                ErrorIds.MachineHasSnapshots,
                machine,
                $"The VM {machine} still writes to files beside its disks, although the snapshot that they are of is gone: "
                    + "they grow, and no disk can be resized.",
                "Let the backup end, then consolidate the VM's disks in the vSphere Client (Snapshots, Consolidate)."
            );
        }
    }

    /// <summary>Oldest first, as the tree has them.</summary>
    private static IEnumerable<XElement> Flatten(IEnumerable<XElement> level) =>
        level.SelectMany(one => new[] { one }.Concat(Flatten(one.Children("childSnapshotList"))));

    private static string Count(int count) => count == 1 ? "a snapshot" : FormattableString.Invariant($"{count} snapshots");

    private static string Names(List<XElement> found)
    {
        var named = string.Join(", ", found.Take(MostNamed).Select(one => $"'{one.Text("name")}'{Date(one.Text("createTime"))}"));
        return found.Count > MostNamed ? $"{named} and {found.Count - MostNamed} more" : named;
    }

    private static string Date(string? time) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var made)
            ? $" of {made.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC"
            : "";
}
