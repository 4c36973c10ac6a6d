using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Resume, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class ResumeP2VConversionCommand : DrivingCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Id")]
    [ConversionTransformation]
    [ArgumentCompleter(typeof(ConversionCompleter))]
    [SupportsWildcards]
    [ValidateNotNull]
    public P2VConversion[] Conversion { get; set; } = [];

    [Parameter]
    public SwitchParameter AllowUnreadable { get; set; }

    [Parameter]
    public SwitchParameter AllowMassDeletion { get; set; }

    [Parameter]
    public SwitchParameter RepeatHook { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var secrets = ReadSecrets();
        foreach (var given in Conversion)
        {
            try
            {
                foreach (var conversion in ConversionFinder.Find(Engine.Conversions, given))
                    await ResumeAsync(conversion, secrets, cancellationToken);
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    private async Task ResumeAsync(Conversion conversion, SourceSecrets? secrets, CancellationToken cancellationToken)
    {
        if (conversion.IsGoalReached && conversion.State != ConversionState.Completed)
            throw NothingLeft(conversion);
        if (!ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", $"Go on from {conversion.InterruptedState ?? conversion.State}"))
            return;
        await DriveAsync(conversion, secrets, GoalOf(conversion), cancellationToken);
        WriteObject(ConversionMapper.ToObject(Engine.Conversions.Get(conversion.Id), Session));
    }

    /// <summary>Null: what the conversion was asked for stays as it is.</summary>
    private ConversionGoal? GoalOf(Conversion conversion) =>
        AllowUnreadable || AllowMassDeletion || RepeatHook
            ? (conversion.Goal ?? new ConversionGoal()) with
            {
                AllowUnreadable = AllowUnreadable || conversion.Goal is { AllowUnreadable: true },
                AllowMassDeletion = AllowMassDeletion || conversion.Goal is { AllowMassDeletion: true },
                RepeatHooks = RepeatHook,
            }
            : null;

    private static P2VException NothingLeft(Conversion conversion) =>
        new(
            ErrorIds.ConversionWrongState,
            $"The conversion {conversion.Id} ({conversion.Task.Name}) is at "
                + $"{conversion.State}, as it was asked to: there is nothing to resume.",
            $"Go on with a later step, such as Complete-P2VConversion -Conversion {conversion.Id}.",
            conversion.Id
        );
}
