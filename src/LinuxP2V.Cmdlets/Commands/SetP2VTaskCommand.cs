using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Tasks;

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

    private protected override bool CanClear => true;

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
        // An object from a file may have been edited: that is a way to say what shall change, where it is a parameter's.
        var shown = TaskMapper.ToObject(before, given.Definition, null);
        var edited = TakeBackWhatRepeats(shown);
        ImportedObject.ThrowIfEdited(
            given.Imported,
            shown,
            "Give the task from the pipeline, so that what was edited is taken over; only what is a parameter of Set-P2VTask can be.",
            [.. edited, .. OnCommandLine]
        );
        var server = await FindServerAsync(given, before, cancellationToken);
        var destination = Server is null ? before.Destination : server!.Connection!.Reference;
        var task = Engine.Plan(before.Source, before.Facts, ReadSettings(before.Settings, edited), destination);
        WarnOfIgnoredSettings(task);
        var changed = TaskMapper.ToObject(task, Engine.Serialize(task), given.Secrets, server, given.Row);
        if (given.Imported is null)
            changed = given.Become(changed);

        WriteObject(changed);
    }

    /// <returns>Null where the task's server is not connected: it is not asked here.</returns>
    private async Task<P2VServer?> FindServerAsync(P2VTask given, ConversionTask before, CancellationToken cancellationToken)
    {
        if (Server is not null)
            return await Servers.FindAsync(Server, Places, cancellationToken);

        ServerAccess.ThrowIfOfAnother(Places, before.Destination.Address, before.Destination.Address);
        return given.Server ?? Session.Servers.Find(before.Destination);
    }
}
