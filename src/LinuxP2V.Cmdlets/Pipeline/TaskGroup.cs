using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>The tasks of a pipeline. A type of its own: PowerShell reads a cmdlet's fields before the engine can be loaded.</summary>
internal sealed class TaskGroup
{
    private readonly List<ConversionTask> tasks = [];

    public void Add(ConversionTask task) => tasks.Add(task);

    public IEnumerable<P2VFinding> FindConflicts() =>
        TaskConflicts.Find(tasks).Select(conflict => FindingMapper.ToObject(conflict.Finding, conflict.Task.Name));
}
