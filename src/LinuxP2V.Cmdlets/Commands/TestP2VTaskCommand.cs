using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Test, "P2VTask")]
[OutputType(typeof(P2VFinding))]
public sealed class TestP2VTaskCommand : P2VCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [TaskTransformation]
    public P2VTask[] Task { get; set; } = [];

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var given in Task)
        {
            try
            {
                var (task, _) = TaskReader.Read(Engine, given);
                var destination = await Servers.FindAsync(task.Destination, cancellationToken);
                foreach (var finding in await Engine.TestAsync(task, destination, cancellationToken))
                    WriteObject(FindingMapper.ToObject(finding, task.Name));
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }
}
