using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Test, "P2VSource")]
[OutputType(typeof(P2VFinding))]
public sealed class TestP2VSourceCommand : P2VCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public P2VSource[] Source { get; set; } = [];

    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        // Where New-P2VTask would plan it; nothing is connected for it.
        var destination = Session.Servers.Default?.Connection?.Reference;
        foreach (var source in Source)
        {
            foreach (var finding in Engine.Inspect(source.Read.Facts, null, destination).OrderByDescending(f => f.Severity))
                WriteObject(FindingMapper.ToObject(finding, source.Name));
        }

        return Task.CompletedTask;
    }
}
