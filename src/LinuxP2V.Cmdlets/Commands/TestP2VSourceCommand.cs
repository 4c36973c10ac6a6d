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
    [SourceTransformation]
    public P2VSource[] Source { get; set; } = [];

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        // Where New-P2VTask would plan it; nothing is connected for it.
        var destination = Session.Servers.Default?.Connection?.Reference;
        foreach (var source in Source)
        {
            try
            {
                var (read, _) = SourceReader.Read(Engine, source);
                var findings = Engine
                    .Inspect(read.Facts, null, destination)
                    .Concat(await FindInConfigurationAsync(read, destination, cancellationToken));
                foreach (var finding in findings.OrderByDescending(finding => finding.Severity))
                    WriteObject(FindingMapper.ToObject(finding, read.Facts.HostName.Plain()));
            }
            catch (P2VException e)
            {
                WriteFailure(e, source);
            }
        }
    }

    /// <summary>What speaks against a reconfiguration of the whole machine. Where that has no plan, the inspection says why.</summary>
    private async Task<IReadOnlyList<Finding>> FindInConfigurationAsync(
        SourceReading source,
        DestinationReference? destination,
        CancellationToken cancellationToken
    )
    {
        ConversionTask task;
        try
        {
            task = Engine.Plan(source.Endpoint, source.Facts, new TaskSettings(), destination ?? DestinationReference.AnyVSphere);
        }
        catch (P2VException)
        {
            return [];
        }

        return (await Engine.PlanReconfigurationAsync(task, source.Secrets, Console, cancellationToken)).Findings;
    }
}
