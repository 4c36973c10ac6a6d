using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Cmdlets.Watching;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(
    VerbsLifecycle.Complete,
    "P2VConversion",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium,
    DefaultParameterSetName = SyncSet
)]
[OutputType(typeof(P2VConversion))]
public sealed class CompleteP2VConversionCommand : StepCmdlet
{
    private const string SyncSet = "Sync";
    private const string SkipSyncSet = "SkipSync";

    [Parameter]
    public SwitchParameter PowerOn { get; set; }

    [Parameter(ParameterSetName = SyncSet)]
    // A unit's name, and no option of systemctl.
    [ValidatePattern("^[A-Za-z0-9_@][A-Za-z0-9:_.@\\\\-]*$")]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string[] QuiesceService { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = SkipSyncSet)]
    public SwitchParameter SkipSync { get; set; }

    [Parameter]
    public SwitchParameter ProveBoot { get; set; }

    [Parameter]
    [ValidateRange(30, 86400)]
    public int ProveBootTimeoutSec { get; set; } = 900;

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter AllowUnreadable { get; set; }

    [Parameter]
    public SwitchParameter AllowMassDeletion { get; set; }

    protected override Task ProcessAsync(CancellationToken cancellationToken) => StepAsync(GoalOf, ActionOf, cancellationToken);

    private ConversionGoal GoalOf(Conversion conversion) =>
        new()
        {
            Sync = ChoiceFor(conversion),
            QuiesceServices = [.. QuiesceService.Distinct()],
            ProveBootWithin = ProveBoot ? TimeSpan.FromSeconds(ProveBootTimeoutSec) : null,
            Force = Force,
            AllowUnreadable = AllowUnreadable,
            AllowMassDeletion = AllowMassDeletion,
        };

    private string ActionOf(ConversionGoal goal)
    {
        var steps = new List<string>();
        if (goal.QuiesceServices.Count > 0)
            steps.Add($"stop {string.Join(", ", goal.QuiesceServices)} on the source");
        if (goal.Sync == SyncChoice.Always)
            steps.Add("bring over what changed");
        if (goal.ProveBootWithin is not null)
            steps.Add("boot a twin of the copy");
        steps.Add(PowerOn ? "finish and power on" : "finish");
        var text = string.Join(", ", steps);
        return char.ToUpperInvariant(text[0]) + text.Substring(1);
    }

    private protected override ConversionWatcher CreateWatcher(CancellationToken cancellationToken) =>
        new(new WatcherOutput(this), Session) { Finish = PowerOn ? conversion => StartAsync(conversion, cancellationToken) : null };

    private SyncChoice ChoiceFor(Conversion conversion)
    {
        if (SkipSync)
            return SyncChoice.Never;
        // Who reconfigured by a step of its own has had the last pass: another one would undo it.
        return conversion.IsReconfigured && QuiesceService.Length == 0 ? SyncChoice.IfBroken : SyncChoice.Always;
    }

    private async Task StartAsync(Conversion conversion, CancellationToken cancellationToken)
    {
        if (conversion.MachineId is not { } machine)
            return;
        var destination = await Servers.FindAsync(conversion.Task.Destination, cancellationToken);
        await destination.PowerOnAsync(machine, cancellationToken);
    }
}
