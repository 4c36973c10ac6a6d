using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A conversion finds its own VM wherever it is, and touches no other.</summary>
public sealed class VSphereOwnershipTests : DestinationTestBase
{
    [Fact]
    public async Task A_VM_that_was_renamed_is_found_and_not_made_again()
    {
        var made = await CreateAsync();
        await Admin.Tasks.RunAsync("Rename_Task", ManagedObject.Machine(made.Id), [("newName", "renamed")], None);
        var found = await Destination.FindAsync(Samples.Machine(), "c-1", None);
        Assert.Equal((made.Id, "renamed", "c-1"), (found!.Id, found.Name, found.ConversionId));
        Assert.Equal(made.Id, (await CreateAsync()).Id);
        Assert.Null(await Destination.FindAsync(Samples.Machine(), "c-2", None));
    }

    [Fact]
    public async Task A_VM_that_the_server_gave_another_id_is_found_by_its_name_and_mark()
    {
        var made = await CreateAsync();
        await ReconfigureAsync(made.Id, ("instanceUuid", Guid.NewGuid().ToString()));
        Assert.Null(await MachineFinder.FindOfAsync(Admin, "c-1", None));
        Assert.Equal(made.Id, (await Destination.FindAsync(Samples.Machine(), "c-1", None))!.Id);
        Assert.Equal(made.Id, (await CreateAsync()).Id);
    }

    [Fact]
    public async Task A_VM_without_the_mark_is_never_changed()
    {
        var made = await CreateAsync();
        await Destination.PowerOnAsync(made.Id, None);
        await ReconfigureAsync(made.Id, ("extraConfig", VimData.Option(HelperKeys.Conversion, "")));
        Func<Task>[] changes =
        [
            () => Destination.PowerOffAsync(made.Id, None),
            () => Destination.FinishAsync(made.Id, None),
            () => Destination.DeleteAsync(made.Id, None),
            () => Destination.AttachHelperAsync(made.Id, Samples.Settings(key: "ssh-ed25519 NEW"), None),
        ];
        foreach (var change in changes)
            Assert.Equal(ErrorIds.OperationOutOfOrder, (await Assert.ThrowsAsync<P2VException>(change)).ErrorId);

        Assert.Equal(MachinePower.PoweredOn, (await Destination.GetAsync(made.Id, None)).Power);
        await Admin.Tasks.RunAsync("PowerOffVM_Task", ManagedObject.Machine(made.Id), [], None);
        Assert.Equal(
            ErrorIds.OperationOutOfOrder,
            (await Assert.ThrowsAsync<P2VException>(() => Destination.PowerOnAsync(made.Id, None))).ErrorId
        );
        var snapshot = await SnapshotAsync(made.Id);
        Assert.Equal(MachinePower.PoweredOff, snapshot.Power);
        Assert.DoesNotContain("NEW", snapshot.Option(HelperKeys.Settings));
    }

    [Fact]
    public async Task Another_conversion_s_VM_gets_no_settings()
    {
        var made = await CreateAsync();
        await Destination.PowerOnAsync(made.Id, None);
        var refused = await Assert.ThrowsAsync<P2VException>(() =>
            Destination.AttachHelperAsync(made.Id, Samples.Settings("c-2", "ssh-ed25519 NEW"), None)
        );
        Assert.Equal(ErrorIds.OperationOutOfOrder, refused.ErrorId);
        Assert.DoesNotContain("NEW", (await SnapshotAsync(made.Id)).Option(HelperKeys.Settings));
    }

    [Fact]
    public async Task A_finished_VM_that_runs_is_known_to_be_finished_and_has_no_helper_to_attach_to()
    {
        var made = await CreateAsync();
        await Destination.FinishAsync(made.Id, None);
        await Destination.PowerOnAsync(made.Id, None);
        Assert.True(await Destination.IsHelperFinishedAsync(made.Id, None));
        var refused = await Assert.ThrowsAsync<P2VException>(() => Destination.AttachHelperAsync(made.Id, Samples.Settings(), None));
        Assert.Equal(ErrorIds.OperationOutOfOrder, refused.ErrorId);
        Assert.Contains("finished", refused.Message);
        Assert.False((await SnapshotAsync(made.Id)).HasOptions(HelperKeys.GuestPrefix));
    }

    [Fact]
    public async Task A_creation_that_the_server_does_not_give_up_is_waited_for_and_taken_back()
    {
        await Server.ControlAsync("/fault", """{"method":"CreateVM_Task","kind":"slow","afterMs":3000,"stubborn":true}""");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Destination.CreateAsync(Samples.Machine(), Samples.Settings(), Image, "c-1", stop.Token)
        );
        Assert.Null(await Destination.FindAsync(Samples.Machine(), "c-1", None));
    }

    [Fact]
    public async Task A_task_s_end_is_waited_for_as_long_as_the_caller_says_after_a_stop()
    {
        var folder = (await Admin.CallAsync("CreateFolder", Admin.Content.RootFolder, [("name", "before")], None))
            .Reference("returnval")!
            .Value;
        await Server.ControlAsync("/fault", """{"method":"Rename_Task","kind":"slow","afterMs":3000,"stubborn":true,"count":2}""");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Admin.Tasks.RunAsync("Rename_Task", folder, [("newName", "one")], stop.Token, TimeSpan.FromSeconds(1))
        );
        using var again = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Admin.Tasks.RunAsync("Rename_Task", folder, [("newName", "two")], again.Token, Timeout.InfiniteTimeSpan);
        Assert.Equal("two", (await Admin.Properties.ReadAsync(folder, ["name"], None))["name"]!.Value);
    }

    private Task<DestinationMachine> CreateAsync() => Destination.CreateAsync(Samples.Machine(), Samples.Settings(), Image, "c-1", None);

    private async Task ReconfigureAsync(string id, (string Name, object? Value) field) =>
        await Admin.Tasks.RunAsync(
            "ReconfigVM_Task",
            ManagedObject.Machine(id),
            [("spec", VimData.Of("VirtualMachineConfigSpec", field))],
            None
        );
}
