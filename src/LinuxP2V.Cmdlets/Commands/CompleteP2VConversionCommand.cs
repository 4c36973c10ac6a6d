using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Complete, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class CompleteP2VConversionCommand : StepCmdlet
{
    [Parameter]
    public SwitchParameter PowerOn { get; set; }

    private protected override ConversionState Through => ConversionState.Completed;

    private protected override string Action => PowerOn ? "Finish and power on" : "Finish";

    private protected override Func<Conversion, CancellationToken, Task>? Afterwards => PowerOn ? StartAsync : null;

    private async Task StartAsync(Conversion conversion, CancellationToken cancellationToken)
    {
        if (conversion.MachineId is not { } machine)
            return;
        var destination = await Servers.FindAsync(conversion.Task.Destination, cancellationToken);
        await destination.PowerOnAsync(machine, cancellationToken);
    }
}
