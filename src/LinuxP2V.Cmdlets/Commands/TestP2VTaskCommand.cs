using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Test, "P2VTask")]
[OutputType(typeof(P2VFinding))]
[OutputType(typeof(P2VPlannedChange))]
public sealed class TestP2VTaskCommand : P2VCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [TaskTransformation]
    public P2VTask[] Task { get; set; } = [];

    [Parameter]
    public SwitchParameter PlannedChange { get; set; }

    private readonly TaskGroup together = new();

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var given in Task)
        {
            try
            {
                var (task, _) = TaskReader.Read(Engine, given);
                together.Add(task);
                if (PlannedChange)
                {
                    await WriteChangesAsync(task, given, cancellationToken);
                    continue;
                }

                var destination = await Servers.FindAsync(task.Destination, cancellationToken, given.Server);
                var report = await Engine.TestAsync(
                    task,
                    destination,
                    ModuleImage.TryLocate(Engine),
                    given.Secrets?.Source,
                    Console,
                    cancellationToken
                );
                foreach (var finding in report.Findings)
                    WriteObject(FindingMapper.ToObject(finding, task.Name));
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    /// <summary>What the tasks of the pipeline cannot have together is known once all of them came.</summary>
    protected override Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var finding in PlannedChange ? [] : together.FindConflicts())
            WriteObject(finding);

        return System.Threading.Tasks.Task.CompletedTask;
    }

    private async Task WriteChangesAsync(ConversionTask task, P2VTask given, CancellationToken cancellationToken)
    {
        var preview = await Engine.PlanReconfigurationAsync(task, given.Secrets?.Source, Console, cancellationToken);
        foreach (var finding in preview.Findings.Where(finding => finding.Severity != FindingSeverity.Information))
            WriteWarning($"{finding.What} {finding.Remedy}");

        foreach (var change in preview.Changes)
            WriteObject(FindingMapper.ToObject(change, task.Name));
    }
}
