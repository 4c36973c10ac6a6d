using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.Commands;

/// <summary>Plans and stores nothing, hence no ShouldProcess.</summary>
[Cmdlet(VerbsCommon.New, "P2VTask")]
[OutputType(typeof(P2VTask))]
public sealed class NewP2VTaskCommand : TaskSettingsCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SourceTransformation]
    public P2VSource[] Source { get; set; } = [];

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var rows = new RowBinder(this);
        foreach (var source in Source)
        {
            try
            {
                TakeBackWhatRepeats(source);
                using (rows.Bind(source.Row, source.Name, Given()))
                    await PlanAsync(source, rows.Bound, cancellationToken);
            }
            catch (P2VException e)
            {
                WriteFailure(e, source);
            }
        }
    }

    private async Task PlanAsync(P2VSource source, IReadOnlyCollection<string> alsoGiven, CancellationToken cancellationToken)
    {
        var server = await Servers.FindAsync(Server, Places, cancellationToken);
        var read = SourceReader.Read(Engine, source);
        var settings = ReadSettings(new TaskSettings(), alsoGiven);
        var task = Engine.Plan(read.Endpoint, read.Facts, settings, server.Connection!.Reference);
        WriteObject(
            TaskMapper.ToObject(task, Engine.Serialize(task), read.Secrets is { } secrets ? new SessionSecrets(secrets) : null, server)
        );
    }

    /// <summary>On the command line, by a script block, or as a property of the object in the pipeline.</summary>
    private HashSet<string> Given() => [nameof(Source), .. OnCommandLine, .. RowBinder.Filled(this)];
}
