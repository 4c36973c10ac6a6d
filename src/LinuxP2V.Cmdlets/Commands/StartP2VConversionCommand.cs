using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Start, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class StartP2VConversionCommand : TaskCmdlet
{
    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        StartTasksAsync(ConversionState.Completed, conversion => WriteObject(Show(conversion)), cancellationToken);
}
