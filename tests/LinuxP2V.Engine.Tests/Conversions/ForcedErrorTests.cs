using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Tests.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>A task's errors stop it; what is forced is kept and told.</summary>
public sealed class ForcedErrorTests : ConversionTestBase
{
    private static readonly Finding Full = new(FindingSeverity.Error, ErrorIds.DestinationFull, "ds1", "There is no room.", "Make some.");
    private static readonly Finding Busy = new(FindingSeverity.Warning, "BusyDatabase", "mysqld", "It writes.", "Stop it.");

    [Fact]
    public async Task What_was_forced_is_stored_with_the_conversion_and_told_in_its_log()
    {
        var manager = Manager();
        var id = manager.Create(NewTask(), [Full]).Id;
        Assert.Equal([Full], Manager().Get(id).ForcedErrors);
        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id)).State);
        Assert.Equal([Full], Manager().Get(id).ForcedErrors);
        Assert.Contains(
            "Goes on by -Force in spite of DestinationFull: There is no room.",
            File.ReadAllText(manager.GetLogPath(id)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_conversion_without_any_and_one_of_an_older_LinuxP2V_have_none()
    {
        var id = Manager().Create(NewTask()).Id;
        Assert.Empty(Manager().Get(id).ForcedErrors);
        var path = Directory.GetFiles(Folder, id + "*.json", SearchOption.AllDirectories).Single();
        var stored = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        var holder = stored.ContainsKey("forcedErrors")
            ? stored
            : stored
                .Select(pair => pair.Value)
                .OfType<System.Text.Json.Nodes.JsonObject>()
                .Single(value => value.ContainsKey("forcedErrors"));
        holder["forcedErrors"] = null;
        File.WriteAllText(path, stored.ToJsonString());
        Assert.Empty(Manager().Get(id).ForcedErrors);
    }

    [Fact]
    public async Task The_errors_of_both_sides_are_one_refusal()
    {
        var task = SampleSources.Plan(SampleSources.TwoDiskLvm());
        // Another tool took the boot folder away since: the facts of a task from a file are judged anew.
        task = task with
        {
            Facts = task.Facts with { Kernels = [] },
        };
        Destination.Findings = [Full, Busy];
        var findings = (await TaskCheck.FindAsync(task, Destination, null, null, new ListeningConsole(), CancellationToken.None)).Findings;
        Assert.Contains(findings, finding => finding.Id == "ReconfigurationNotPlanned");
        Assert.Equal(findings.OrderByDescending(finding => finding.Severity), findings);
        var refusal = Assert.Throws<P2VException>(() => TaskCheck.RequireNoErrors(task, findings, isForced: false));
        Assert.Equal(ErrorIds.TaskHasErrors, refusal.ErrorId);
        Assert.Contains("has 2 errors: BootFolderEmpty: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("DestinationFull: There is no room.", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("It writes", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Make some.", refusal.Remedy, StringComparison.Ordinal);
        Assert.Equal(
            ["BootFolderEmpty", "DestinationFull"],
            TaskCheck.RequireNoErrors(task, findings, isForced: true).Select(error => error.Id)
        );
        Assert.Empty(TaskCheck.RequireNoErrors(task, [Busy], isForced: false));
    }
}
