using System.Management.Automation;
using LinuxP2V.Cmdlets.Conversions;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Stop, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class StopP2VConversionCommand : ConversionCmdlet
{
    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        ForEachConversionAsync(conversion => StopAsync(conversion, cancellationToken));

    private async Task StopAsync(Conversion conversion, CancellationToken cancellationToken)
    {
        if (!ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", "Stop; what was copied stays"))
            return;
        WriteVerbose($"Stopping {conversion.Task.Name} ({conversion.Id})");
        var stopped = await Engine.Conversions.StopAsync(conversion.Id, cancellationToken);
        WriteObject(ConversionMapper.ToObject(stopped, Session));
        WarnOfStoppedServices(stopped);
    }
}
