using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Invoke, "P2VReconfiguration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class InvokeP2VReconfigurationCommand : StepCmdlet
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override Task ProcessAsync(CancellationToken cancellationToken) => StepAsync(GoalOf, ActionOf, cancellationToken);

    private ConversionGoal GoalOf(Conversion conversion) => ConversionGoal.To(ConversionState.Reconfiguring) with { Force = Force };

    private static string ActionOf(ConversionGoal goal) => "Make the copy boot";
}
