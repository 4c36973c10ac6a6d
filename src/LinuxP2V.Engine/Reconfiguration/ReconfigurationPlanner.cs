using System.Globalization;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Guest;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Reconfiguration;

/// <summary>Plans the reconfiguration before the copy, by the rules that the helper will go by on the copy itself.</summary>
public static class ReconfigurationPlanner
{
    private const string NewAddress = "the VM's address";

    /// <summary>Reads the source's configuration in one round trip and plans.</summary>
    /// <exception cref="P2VException">Any of the Source… ids: the source cannot be reached, or not be read.</exception>
    public static async Task<ReconfigurationPreview> PlanAsync(
        ConversionTask task,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        if (task.Settings.SkipReconfiguration)
            return new ReconfigurationPreview([], []);

        var store = await SourceConfiguration.ReadAsync(task.Source, secrets, console, cancellationToken).ConfigureAwait(false);
        // The VM's addresses are not known yet. One that nobody has stands for each, so that the changes can be told.
        string[] standIns =
        [
            .. task.Plan.Adapters.Select((_, index) => string.Format(CultureInfo.InvariantCulture, "02:00:00:00:fe:{0:x2}", index)),
        ];
        var target = new GuestTarget(task.Plan.Layout, ReconfigurationInput.Of(task, standIns));
        try
        {
            return ToPreview(GuestPlanner.Plan(store, target), standIns);
        }
        catch (IOException exception)
        {
            // Not read by the script: the helper will look at the copy's own.
            return new ReconfigurationPreview([], [NotUnderstood(task, exception.Message)]);
        }
    }

    private static ReconfigurationPreview ToPreview(GuestPlan plan, string[] standIns) =>
        new(
            [
                .. plan.Changes.Select(change => new PlannedChange(
                    change.Concern,
                    change.Subject,
                    Plain(change.What, standIns),
                    Plain(change.Why, standIns)
                )),
            ],
            [.. plan.Findings.Select(finding => finding with { What = Plain(finding.What, standIns) })]
        );

    private static string Plain(string text, string[] standIns) =>
        standIns.Aggregate(text, (current, standIn) => current.Replace(standIn, NewAddress));

    private static Finding NotUnderstood(ConversionTask task, string why) =>
        new(
            FindingSeverity.Warning,
            ErrorIds.SourceProbeFailed,
            task.Source.Host,
            $"The reconfiguration of {task.Source.Host} could not be planned before the copy. {why}",
            "The helper plans it on the copy. Report this: it is a defect of LinuxP2V."
        );
}
