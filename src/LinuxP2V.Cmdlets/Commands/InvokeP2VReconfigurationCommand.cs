using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Invoke, "P2VReconfiguration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class InvokeP2VReconfigurationCommand : StepCmdlet
{
    protected override Task ProcessAsync(CancellationToken cancellationToken) => StepAsync(GoalOf, ActionOf, cancellationToken);

    private static ConversionGoal GoalOf(Conversion conversion) => ConversionGoal.To(ConversionState.Reconfiguring);

    private static string ActionOf(ConversionGoal goal) => "Make the copy boot";
}
