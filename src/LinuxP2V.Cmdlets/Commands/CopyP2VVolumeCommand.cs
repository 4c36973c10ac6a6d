using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Copy, "P2VVolume", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class CopyP2VVolumeCommand : StepCmdlet
{
    protected override Task ProcessAsync(CancellationToken cancellationToken) => StepAsync(GoalOf, ActionOf, cancellationToken);

    private static ConversionGoal GoalOf(Conversion conversion) => ConversionGoal.To(ConversionState.Synchronized);

    private static string ActionOf(ConversionGoal goal) => "Copy the volumes";
}
