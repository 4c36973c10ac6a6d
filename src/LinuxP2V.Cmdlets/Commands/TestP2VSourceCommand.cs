using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Test, "P2VSource")]
[OutputType(typeof(P2VFinding))]
public sealed class TestP2VSourceCommand : P2VCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public P2VSource[] Source { get; set; } = [];

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        // Where New-P2VTask would plan it; nothing is connected for it.
        var destination = Session.Servers.Default?.Connection?.Reference;
        foreach (var source in Source)
        {
            var findings = Engine
                .Inspect(source.Read.Facts, null, destination)
                .Concat(await FindInConfigurationAsync(source, destination, cancellationToken));
            foreach (var finding in findings.OrderByDescending(finding => finding.Severity))
                WriteObject(FindingMapper.ToObject(finding, source.Name));
        }
    }

    /// <summary>What speaks against a reconfiguration of the whole machine. Where that has no plan, the inspection says why.</summary>
    private async Task<IReadOnlyList<Finding>> FindInConfigurationAsync(
        P2VSource source,
        DestinationReference? destination,
        CancellationToken cancellationToken
    )
    {
        ConversionTask task;
        try
        {
            task = Engine.Plan(source.Read.Endpoint, source.Read.Facts, new TaskSettings(), destination ?? DestinationReference.AnyVSphere);
        }
        catch (P2VException)
        {
            return [];
        }

        return (await Engine.PlanReconfigurationAsync(task, source.Read.Secrets, Console, cancellationToken)).Findings;
    }
}
