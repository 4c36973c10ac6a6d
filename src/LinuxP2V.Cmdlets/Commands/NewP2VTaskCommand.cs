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
        foreach (var given in Source)
        {
            try
            {
                var (read, shown) = SourceReader.Read(Engine, given);
                TakeBackWhatRepeats(shown);
                using (rows.Bind(given.Row, shown.Name, Given()))
                    await PlanAsync(read, given.Row, rows.Bound, cancellationToken);
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    private async Task PlanAsync(
        SourceReading source,
        PSObject? row,
        IReadOnlyCollection<string> alsoGiven,
        CancellationToken cancellationToken
    )
    {
        var server = await Servers.FindAsync(Server, Places, cancellationToken);
        var settings = ReadSettings(new TaskSettings(), alsoGiven);
        var task = Engine.Plan(source.Endpoint, source.Facts, settings, server.Connection!.Reference);
        WarnOfIgnoredSettings(task);
        var secrets = source.Secrets is { } known ? new SessionSecrets(known) : null;
        WriteObject(TaskMapper.ToObject(task, Engine.Serialize(task), secrets, server, row));
    }

    /// <summary>On the command line, by a script block, or as a property of the object in the pipeline.</summary>
    private HashSet<string> Given() => [nameof(Source), .. OnCommandLine, .. RowBinder.Filled(this)];
}
