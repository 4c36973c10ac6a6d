using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Storage policies by name, against the simulator.</summary>
public sealed class StoragePolicyTests : DestinationTestBase
{
    /// <summary>One that the simulator brings along.</summary>
    private const string Policy = "vSAN Default Storage Policy";

    private static MachineSpecification Machine(string? datastore = null) =>
        Samples.Machine() with
        {
            StoragePolicy = Policy,
            Placement = new PlacementSettings { VMHost = SimulatorFixture.Cluster, Datastore = datastore },
        };

    [Fact]
    public async Task The_VM_and_each_disk_get_the_policy_on_a_datastore_that_fulfils_it()
    {
        await FulfilledByAsync("small");
        // The emptiest would be another.
        var created = await CreateAsync(Machine());
        Assert.StartsWith("[small] ", created.Location);
        var spec = Recorder.Bodies.Last(body => body.Name.LocalName == "CreateVM_Task").Child("config");
        var id = spec.Child("vmProfile").Text("profileId");
        Assert.NotEmpty(id!);
        var disks = spec.Children("deviceChange").Where(change => change.Child("device").TypeName() == "VirtualDisk").ToList();
        Assert.Equal(Machine().Disks.Count, disks.Count);
        Assert.All(disks, disk => Assert.Equal(id, disk.Child("profile").Text("profileId")));
        // By its id, as PowerCLI's object may give it, and by its name in another case.
        await CreateAsync(Machine() with { Name = "web02", StoragePolicy = id }, "c-2");
        await CreateAsync(Machine() with { Name = "web03", StoragePolicy = Policy.ToUpperInvariant() }, "c-3");
    }

    [Fact]
    public async Task Without_a_policy_none_is_asked_for()
    {
        await CreateAsync(Machine() with { StoragePolicy = null });
        var spec = Recorder.Bodies.Last(body => body.Name.LocalName == "CreateVM_Task").Child("config");
        Assert.Null(spec.Child("vmProfile"));
        Assert.All(spec.Children("deviceChange"), change => Assert.Null(change.Child("profile")));
        Assert.DoesNotContain(Recorder.Calls, call => call.StartsWith("Pbm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_datastore_that_does_not_fulfil_it_is_refused_before_anything_is_made()
    {
        await FulfilledByAsync("small");
        var finding = Assert.Single(
            await Destination.TestAsync(Machine("big"), None),
            finding => finding.Severity == FindingSeverity.Error
        );
        Assert.Equal(ErrorIds.StoragePolicyNotFulfilled, finding.Id);
        Assert.Contains("big", finding.What, StringComparison.Ordinal);
        var failure = await Assert.ThrowsAsync<P2VException>(() => CreateAsync(Machine("big")));
        Assert.Equal(ErrorIds.StoragePolicyNotFulfilled, failure.ErrorId);
        Assert.DoesNotContain("CreateVM_Task", Recorder.Calls);
    }

    [Fact]
    public async Task Of_a_datastore_cluster_the_members_that_fulfil_it_serve()
    {
        await FulfilledByAsync("pod-b");
        Assert.StartsWith("[pod-b] ", (await CreateAsync(Machine("Pod1"))).Location);
    }

    [Fact]
    public async Task An_unknown_policy_is_told_with_those_that_there_are()
    {
        var findings = await Destination.TestAsync(Machine("no-such-datastore") with { StoragePolicy = "Gold" }, None);
        var finding = Assert.Single(findings, finding => finding.Subject == "Gold");
        Assert.Equal(ErrorIds.InventoryItemNotFound, finding.Id);
        Assert.Contains(Policy, finding.What, StringComparison.Ordinal);
        // The other mistake is told with it.
        Assert.Contains(findings, finding => finding.What.Contains("no-such-datastore", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_that_ended_is_opened_again()
    {
        await CreateAsync(Machine());
        await Server.ControlAsync("/session/drop", $$"""{"User":"{{SimulatorFixture.UserName}}"}""");
        await CreateAsync(Machine() with { Name = "web02" }, "c-2");
    }

    [Fact]
    public async Task An_answer_that_was_lost_is_asked_for_again()
    {
        await Server.ControlAsync("/fault", """{"Method":"PbmCheckRequirements","Kind":"disconnect","Count":1}""");
        await CreateAsync(Machine());
    }

    [Fact]
    public async Task Without_the_right_to_see_policies_the_error_names_it()
    {
        await using var limited = await VSphereDestination.ConnectAsync(
            Server.OptionsOf(SimulatorFixture.UserWithoutPolicies),
            Console,
            None
        );
        var failure = await Assert.ThrowsAsync<P2VException>(() =>
            limited.CreateAsync(Machine(), Samples.Settings("c-1"), Image, "c-1", None)
        );
        Assert.Equal(ErrorIds.ServerPermissionMissing, failure.ErrorId);
        Assert.Contains("StorageProfile.View", failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_is_gone_hides_no_VM_and_is_no_obstacle_to_its_removal()
    {
        var created = await CreateAsync(Machine());
        var later = Machine() with { StoragePolicy = "renamed since" };
        Assert.Equal(created.Id, (await Destination.FindAsync(later, "c-1", None))!.Id);
        Assert.Null(await Destination.FindAsync(later with { Name = "web02" }, "c-2", None));
        Assert.Empty(await Destination.FindPlacesAsync(later, null, None));
        await Destination.DeleteAsync(created.Id, None);
    }

    [Fact]
    public async Task A_session_that_was_handed_over_and_ended_is_no_missing_right()
    {
        var session = Server.Options with { UserName = null, Password = null, SessionSecret = Recorder.Cookie };
        await using var borrowed = await VSphereDestination.ConnectAsync(session, Console, None);
        Assert.DoesNotContain(await borrowed.TestAsync(Machine(), None), finding => finding.Severity == FindingSeverity.Error);
        await Server.ControlAsync("/session/drop", """{"User":"*"}""");
        var failure = await Assert.ThrowsAsync<P2VException>(() => borrowed.TestAsync(Machine(), None));
        Assert.Equal(ErrorIds.ServerSessionEnded, failure.ErrorId);
    }

    private Task FulfilledByAsync(string datastore) =>
        Server.ControlAsync("/policy", $$"""{"Name":"{{Policy}}","Datastores":["{{datastore}}"]}""");

    private Task<DestinationMachine> CreateAsync(MachineSpecification machine, string conversionId = "c-1") =>
        Destination.CreateAsync(machine, Samples.Settings(conversionId), Image, conversionId, None);
}
