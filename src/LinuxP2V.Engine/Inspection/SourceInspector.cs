using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Inspection;

/// <summary>
/// What would break a conversion of this source or surprise its admin, from the facts alone. What stands in the way of a
/// plan is asked of the planner, so that both give the same answer.
/// </summary>
public static class SourceInspector
{
    /// <param name="settings">What they leave out is not complained about. Null: everything is meant to be copied.</param>
    /// <param name="destination">Null: a VM on vSphere.</param>
    /// <returns>Errors first, then warnings, then information.</returns>
    public static IReadOnlyList<Finding> Inspect(SourceFacts facts, TaskSettings? settings = null, DestinationReference? destination = null)
    {
        var scope = new InspectionScope(facts, settings ?? new TaskSettings());
        return
        [
            .. ConversionPlanner
                .Check(facts, scope.Settings, destination)
                .Concat(SystemInspection.Inspect(scope))
                .Concat(BootInspection.Inspect(scope))
                .Concat(VolumeInspection.Inspect(scope))
                .Concat(StorageInspection.Inspect(scope))
                .Concat(CopyInspection.Inspect(scope))
                .OrderByDescending(finding => finding.Severity),
        ];
    }
}
