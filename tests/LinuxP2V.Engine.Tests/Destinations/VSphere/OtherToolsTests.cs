using System.Diagnostics;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A backup, Storage DRS or an administrator works on our VM, too.</summary>
public sealed class OtherToolsTests : DestinationTestBase
{
    private static readonly TimeSpan BusyTime = TimeSpan.FromSeconds(3);

    private DestinationMachine machine = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        machine = await Destination.CreateAsync(Samples.Machine(), Samples.Settings(), Image, "c-1", None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_thing_that_is_done_with_a_VM_waits_for_the_task_of_another(bool isRefusedAsTask)
    {
        await Server.ControlAsync("/exclusive", $$"""{"isOn":true,"asTask":{{(isRefusedAsTask ? "true" : "false")}}}""");
        await BusyAsync(() => Destination.PowerOnAsync(machine.Id, None));
        Assert.Equal(MachinePower.PoweredOn, (await Destination.GetAsync(machine.Id, None)).Power);
        await SayFinishedAsync();
        await BusyAsync(() => Destination.PowerOffAsync(machine.Id, None));
        await BusyAsync(() => Destination.FinishAsync(machine.Id, None));
        Assert.True((await SnapshotAsync()).IsFinished);
        await BusyAsync(() => Destination.PowerOnAsync(machine.Id, None));
        await BusyAsync(() => Destination.DeleteAsync(machine.Id, None));
        Assert.Equal(
            ErrorIds.MachineNotFound,
            (await Assert.ThrowsAsync<P2VException>(() => Destination.GetAsync(machine.Id, None))).ErrorId
        );
    }

    [Fact]
    public async Task The_note_that_a_helper_finished_waits_for_the_task_of_another()
    {
        using var listener = new LoopbackSsh();
        Assert.True(listener.IsListening, "Port 22 of a loopback address is needed.");
        await Destination.PowerOnAsync(machine.Id, None);
        await AnnounceAsync(listener.Address, isFinished: false);
        await Destination.AttachHelperAsync(machine.Id, Samples.Settings(), None);
        await AnnounceAsync(listener.Address, isFinished: true);
        // The watch hears it at once, when this machine has time for it.
        await Task.Delay(TimeSpan.FromSeconds(6));
        await Destination.PowerOffAsync(machine.Id, None);
        await OccupyAsync(BusyTime);
        Assert.True(await Destination.IsHelperFinishedAsync(machine.Id, None));
        // For the engine that comes next.
        for (var tries = 0; tries < 80 && (await SnapshotAsync()).Option(HelperKeys.FinishSeen) is null; tries++)
            await Task.Delay(250);

        Assert.Equal("c-1", (await SnapshotAsync()).Option(HelperKeys.FinishSeen));
    }

    [Fact]
    public async Task A_VM_that_stays_busy_is_an_error_in_time_and_a_stop_does_not_wait()
    {
        await using var hasty = await VSphereDestination.ConnectAsync(
            Server.Options with
            {
                BusyTimeout = TimeSpan.FromSeconds(1),
            },
            NullConsole.Instance,
            None
        );
        await OccupyAsync(TimeSpan.FromMinutes(5));
        var busy = await Assert.ThrowsAsync<P2VException>(() => hasty.PowerOnAsync(machine.Id, None));
        Assert.Equal(ErrorIds.OperationOutOfOrder, busy.ErrorId);
        Assert.Contains("Wait", busy.Remedy, StringComparison.Ordinal);

        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var clock = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Destination.PowerOnAsync(machine.Id, stop.Token));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await OccupyAsync(TimeSpan.Zero);
        Assert.Equal(MachinePower.PoweredOff, (await Destination.GetAsync(machine.Id, None)).Power);
    }

    [Fact]
    public async Task Snapshots_that_others_made_are_named_and_hinder_nothing()
    {
        Assert.Empty((await Destination.GetAsync(machine.Id, None)).Findings);
        // What XML can carry and a terminal obeys.
        await SnapAsync("before\u009b31m\u202e the upgrade");
        await SnapAsync("Nightly");
        var finding = Assert.Single((await Destination.GetAsync(machine.Id, None)).Findings);
        Assert.Equal((FindingSeverity.Warning, ErrorIds.MachineHasSnapshots, "web01"), (finding.Severity, finding.Id, finding.Subject));
        var today = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains("The VM web01 has 2 snapshots that LinuxP2V did not make: 'before", finding.What, StringComparison.Ordinal);
        Assert.Contains($"'Nightly' of {today}", finding.What, StringComparison.Ordinal);
        Assert.DoesNotContain('\u009b', finding.What);
        Assert.Contains("'before\\x9b31m\\u202e the upgrade'", finding.What, StringComparison.Ordinal);

        await SnapAsync("third");
        await SnapAsync("fourth");
        finding = Assert.Single((await Destination.GetAsync(machine.Id, None)).Findings);
        Assert.Contains("4 snapshots", finding.What, StringComparison.Ordinal);
        Assert.Contains(" and 1 more.", finding.What, StringComparison.Ordinal);
        Assert.DoesNotContain("fourth", finding.What, StringComparison.Ordinal);

        await Destination.PowerOnAsync(machine.Id, None);
        await SayFinishedAsync();
        await Destination.PowerOffAsync(machine.Id, None);
        Assert.Single((await Destination.FinishAsync(machine.Id, None)).Findings);
        await Destination.PowerOnAsync(machine.Id, None);
        await Destination.DeleteAsync(machine.Id, None);
    }

    [Fact]
    public async Task Files_that_a_snapshot_left_are_told()
    {
        await TreatAsync("consolidate", "needed");
        var finding = Assert.Single((await Destination.GetAsync(machine.Id, None)).Findings);
        Assert.Equal(ErrorIds.MachineHasSnapshots, finding.Id);
        Assert.Contains("consolidate", finding.Remedy, StringComparison.Ordinal);
        await TreatAsync("consolidate", "");
        Assert.Empty((await Destination.GetAsync(machine.Id, None)).Findings);
    }

    [Fact]
    public async Task A_VM_with_another_name_in_another_folder_is_ours_and_can_be_deleted()
    {
        await TreatAsync("rename", "renamed by hand");
        await Server.ControlAsync("/vm", """{"name":"renamed by hand","action":"move","line":"Converted"}""");
        await Server.ControlAsync("/vm", """{"name":"renamed by hand","action":"migrate","line":"esx02.lab"}""");
        await Server.ControlAsync("/vm", """{"name":"renamed by hand","action":"migrate","line":"esx01.lab"}""");

        Assert.Equal("renamed by hand", (await Destination.GetAsync(machine.Id, None)).Name);
        Assert.Equal(machine.Id, (await Destination.FindAsync(Samples.Machine(), "c-1", None))?.Id);
        Assert.Equal(machine.Id, (await Destination.CreateAsync(Samples.Machine(), Samples.Settings(), Image, "c-1", None)).Id);
        await Destination.PowerOnAsync(machine.Id, None);
        await Destination.DeleteAsync(machine.Id, None);
        Assert.Null(await Destination.FindAsync(Samples.Machine(), "c-1", None));
    }

    /// <summary>Begins while another has a task with the VM, and does not end before that.</summary>
    private async Task BusyAsync(Func<Task> act)
    {
        await OccupyAsync(BusyTime);
        var clock = Stopwatch.StartNew();
        await act().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.InRange(clock.Elapsed, BusyTime - TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    private Task OccupyAsync(TimeSpan time) =>
        Server.ControlAsync("/busy", FormattableString.Invariant($$"""{"name":"web01","forMs":{{time.TotalMilliseconds:0}}}"""));

    private Task TreatAsync(string action, string line) =>
        Server.ControlAsync("/vm", $$"""{"name":"web01","action":"{{action}}","line":"{{line}}"}""");

    private async Task SnapAsync(string name) =>
        await Admin.Tasks.RunAsync(
            "CreateSnapshot_Task",
            ManagedObject.Machine(machine.Id),
            [("name", name), ("memory", false), ("quiesce", true)],
            None
        );

    private Task AnnounceAsync(string address, bool isFinished)
    {
        var word = Word(isFinished) with { Addresses = [address] };
        var line = System.Text.Json.JsonSerializer.Serialize(
            System.Text.Json.JsonSerializer.Serialize(word, ProtocolJson.Default.HelperAnnouncement)
        );
        return Server.ControlAsync("/vm", $$"""{"name":"web01","action":"announce","line":{{line}}}""");
    }

    private Task SayFinishedAsync() => SayAsync(machine.Id, Word(isFinished: true));

    private Task<MachineSnapshot> SnapshotAsync() => SnapshotAsync(machine.Id);
}
