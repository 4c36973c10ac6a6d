using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsData.Sync, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class SyncP2VConversionCommand : StepCmdlet
{
    [Parameter]
    public SwitchParameter AllowUnreadable { get; set; }

    [Parameter]
    public SwitchParameter AllowMassDeletion { get; set; }

    protected override Task ProcessAsync(CancellationToken cancellationToken) => StepAsync(GoalOf, ActionOf, cancellationToken);

    private ConversionGoal GoalOf(Conversion conversion) =>
        new()
        {
            Through = ConversionState.Synchronized,
            Sync = SyncChoice.Always,
            AllowUnreadable = AllowUnreadable,
            AllowMassDeletion = AllowMassDeletion,
        };

    private static string ActionOf(ConversionGoal goal) => "Bring over what changed on the source";
}
