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

    private Task StartAsync(Conversion conversion, CancellationToken cancellationToken) => conversion.MachineId is null
        ? Task.CompletedTask
        : Session.Servers.Resolve(conversion.Task.Destination).PowerOnAsync(conversion.MachineId, cancellationToken);
}
