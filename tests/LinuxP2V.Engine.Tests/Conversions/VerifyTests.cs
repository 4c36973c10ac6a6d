using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class VerifyTests : ConversionTestBase
{
    private static readonly ConversionGoal Compare = new() { Through = ConversionState.Synchronized, VerifyPercent = 25 };

    [Fact]
    public async Task Differences_are_read_while_they_come_and_summed_up_at_the_end()
    {
        var (manager, id) = await CopiedAsync();
        Agent.Differences.Add(Difference("/etc/a\nb", DifferenceKind.Content, changed: false));
        Agent.Differences.Add(Difference("/var/log", DifferenceKind.Size, changed: true));
        var hold = Agent.HoldAt["verify"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Compare);
        var other = Manager();
        await UntilAsync(() => other.ReadDifferences(id, null).Differences.Count == 2);
        Assert.Equal(ConversionState.Verifying, manager.Get(id).State);
        var page = other.ReadDifferences(id, null);
        Assert.Equal(["/etc/a\nb", "/var/log"], page.Differences.Select(d => d.Path));
        Assert.Equal(
            (DifferenceKind.Content, false, "here", "there"),
            (page.Differences[0].Kind, page.Differences[0].ChangedOnSource, page.Differences[0].OnSource, page.Differences[0].InCopy)
        );
        Assert.Empty(other.ReadDifferences(id, page.Next).Differences);

        hold.SetResult();
        var end = await manager.WaitAsync(id, null, Timeout());
        var sum = end.Verification!;
        Assert.Equal((ConversionState.Synchronized, true), (end.State, end.IsGoalReached));
        Assert.Equal(
            (true, 25, 100, 80, 4000, 1, 1),
            (
                sum.IsComplete,
                sum.SamplePercent,
                sum.Counts.Entries,
                sum.Counts.Files,
                sum.Counts.Bytes,
                sum.Counts.Wrong,
                sum.Counts.ChangedOnSource
            )
        );
        Assert.Equal(["no getfattr"], sum.NotCompared);
        Assert.Equal(25, Assert.Single(Agent.Requests.OfType<VerifyRequest>()).SamplePercent);
        Assert.Contains("Content /etc/a\\x0ab", await File.ReadAllTextAsync(manager.GetLogPath(id)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_comparison_starts_from_nothing()
    {
        var (manager, id) = await CopiedAsync();
        Agent.Differences.Add(Difference("/a", DifferenceKind.Content, changed: false));
        await RunAsync(manager, id, Compare);
        var first = manager.ReadDifferences(id, null);
        Agent.Differences.Clear();
        Agent.Differences.Add(Difference("/b", DifferenceKind.Mode, changed: false));
        var end = await RunAsync(manager, id, Compare);

        Assert.Equal(1, end.Verification!.Counts.Wrong);
        Assert.Equal(["/b"], manager.ReadDifferences(id, null).Differences.Select(d => d.Path));
        Assert.Equal(["/b"], manager.ReadDifferences(id, first.Next).Differences.Select(d => d.Path));
        await manager.RemoveAsync(id, null, CancellationToken.None);
        Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "conversions")));
    }

    [Fact]
    public async Task A_comparison_needs_a_copy_that_was_not_reconfigured()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Assert.Equal(ErrorIds.ConversionWrongState, Refusal(manager, id).ErrorId);
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Reconfiguring));
        Assert.Contains("reconfigured", Refusal(manager, id).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_comparison_that_was_stopped_is_no_complete_one_and_can_be_resumed()
    {
        var (manager, id) = await CopiedAsync();
        Agent.HoldAt["verify"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Compare);
        await UntilAsync(() => Agent.Ran.Contains("verify"));
        var stopped = await manager.StopAsync(id, Timeout());
        Assert.Equal(
            (ConversionState.Stopped, ConversionState.Verifying, false),
            (stopped.State, stopped.InterruptedState!.Value, stopped.Verification!.IsComplete)
        );

        Agent.HoldAt.Clear();
        var end = await RunAsync(manager, id);
        Assert.Equal((ConversionState.Synchronized, true, 25), (end.State, end.Verification!.IsComplete, end.Verification.SamplePercent));
        Assert.DoesNotContain("finish", Agent.Ran);
    }

    private P2VException Refusal(ConversionManager manager, string id) =>
        Assert.Throws<P2VException>(() => manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Compare));

    private async Task<(ConversionManager Manager, string Id)> CopiedAsync()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Synchronized));
        return (manager, id);
    }

    private static DifferenceEvent Difference(string path, DifferenceKind kind, bool changed) =>
        new()
        {
            VolumeId = "/",
            Path = path,
            Kind = kind,
            ChangedOnSource = changed,
            OnSource = "here",
            InCopy = "there",
        };
}
