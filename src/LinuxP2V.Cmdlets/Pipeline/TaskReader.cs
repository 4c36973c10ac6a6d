using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.Pipeline;

internal static class TaskReader
{
    /// <summary>The engine's task of a P2VTask, and the P2VTask with all its properties if it came from a file.</summary>
    /// <exception cref="LinuxP2V.Engine.P2VException">TaskUnreadable, ObjectEdited.</exception>
    public static (ConversionTask Task, P2VTask Shown) Read(IEngine engine, P2VTask given)
    {
        var task = engine.Deserialize(given.Definition);
        if (given.Source is not null)
            return (task, given);

        var shown = TaskMapper.ToObject(task, given.Definition, given.Secrets, row: given.Row);
        ImportedObject.ThrowIfEdited(given.Imported, shown, "Change the task with Set-P2VTask, which plans it anew.");
        return (task, shown);
    }
}
