using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Copy, "P2VVolume", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class CopyP2VVolumeCommand : StepCmdlet
{
    private protected override ConversionGoal GoalOf(Conversion conversion) => ConversionGoal.To(ConversionState.Synchronized);

    private protected override string ActionOf(ConversionGoal goal) => "Copy the volumes";
}
