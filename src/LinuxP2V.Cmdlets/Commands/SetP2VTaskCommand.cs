using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.Commands;

/// <summary>Changes an object in memory, hence no ShouldProcess.</summary>
[Cmdlet(VerbsCommon.Set, "P2VTask")]
[OutputType(typeof(P2VTask))]
public sealed class SetP2VTaskCommand : TaskSettingsCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [TaskTransformation]
    [ValidateNotNull]
    public P2VTask[] Task { get; set; } = [];

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var given in Task)
        {
            try
            {
                await ChangeAsync(given, cancellationToken);
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    private async Task ChangeAsync(P2VTask given, CancellationToken cancellationToken)
    {
        var before = Engine.Deserialize(given.Definition);
        // An object from a file may have been edited: that is a way to say what shall change.
        var edited = TakeBackWhatRepeats(TaskMapper.ToObject(before, given.Definition, null));
        var server = Server is null && Places.Count == 0 ? given.Server : await Servers.FindAsync(Server, Places, cancellationToken);
        var destination = Server is null ? before.Destination : server!.Connection!.Reference;
        var task = Engine.Plan(before.Source, before.Facts, ReadSettings(before.Settings, edited), destination);
        var changed = TaskMapper.ToObject(task, Engine.Serialize(task), given.Secrets, server);
        if (given.Imported is null)
            changed = given.Become(changed);

        WriteObject(changed);
    }
}
