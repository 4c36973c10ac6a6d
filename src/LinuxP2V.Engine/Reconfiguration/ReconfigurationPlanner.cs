using System.Globalization;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Guest;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Engine.Reconfiguration;

/// <summary>Plans the reconfiguration before the copy, by the rules that the helper will go by on the copy itself.</summary>
public static class ReconfigurationPlanner
{
    private const string NewAddress = "the VM's address";

    /// <summary>
    /// Reads the source's configuration in one round trip and plans. Where it cannot be read, a finding says so: the helper
    /// plans again before it writes anything.
    /// </summary>
    /// <param name="secrets">Null: nobody gave any, as for a task that came from a file.</param>
    public static async Task<ReconfigurationPreview> PlanAsync(
        ConversionTask task,
        SourceSecrets? secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        if (task.Settings.SkipReconfiguration)
            return new ReconfigurationPreview([], []);

        if (secrets is null)
            return NotPlanned(
                task,
                "The task holds no password or key for its source.",
                "Test the task in the session that read its source."
            );

        // The VM's addresses are not known yet. One that nobody has stands for each, so that the changes can be told.
        string[] standIns =
        [
            .. task.Plan.Adapters.Select((_, index) => string.Format(CultureInfo.InvariantCulture, "02:00:00:00:fe:{0:x2}", index)),
        ];
        var target = new GuestTarget(task.Plan.Layout, ReconfigurationInput.Of(task, standIns));
        try
        {
            var store = await SourceConfiguration.ReadAsync(task.Source, secrets, console, cancellationToken).ConfigureAwait(false);
            return ToPreview(GuestPlanner.Preview(store, target), standIns);
        }
        catch (P2VException exception)
        {
            return NotPlanned(task, exception.Message, exception.Remedy);
        }
        catch (IOException exception)
        {
            return NotPlanned(task, exception.Message, "Report this: it is a defect of LinuxP2V.");
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

    private static ReconfigurationPreview NotPlanned(ConversionTask task, string why, string remedy) =>
        new(
            [],
            [
                new Finding(
                    FindingSeverity.Warning,
                    "ReconfigurationNotPlanned",
                    task.Source.Host,
                    $"The reconfiguration of {task.Source.Host} was not planned before the copy; the helper plans it "
                        + $"before it writes anything. {why}",
                    remedy
                ),
            ]
        );
}
