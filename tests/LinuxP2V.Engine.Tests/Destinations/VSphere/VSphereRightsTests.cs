using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>What an account lacks is named, wherever it is met; what it does not need is not asked of it.</summary>
public sealed class VSphereRightsTests : IDisposable
{
    private readonly SimulatorFixture server = SimulatorFixture.VCenter();
    private readonly string image = Path.GetTempFileName();

    // Nothing boots it.
    public VSphereRightsTests() => File.WriteAllText(image, "helper");

    private static CancellationToken None => CancellationToken.None;

    public void Dispose()
    {
        server.Dispose();
        File.Delete(image);
    }

    [Fact]
    public async Task A_vSAN_asks_for_one_privilege_more_until_the_image_has_its_folder()
    {
        var machine = On(SimulatorFixture.Vsan);
        await using var limited = await ConnectAsync(SimulatorFixture.UserWithoutDatastoreConfig);
        var missing = Assert.Single(await limited.TestAsync(machine, None), finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal((ErrorIds.ServerPermissionMissing, SimulatorFixture.Vsan), (missing.Id, missing.Subject));
        Assert.Contains("Datastore.Config", missing.What);
        Assert.DoesNotContain(await limited.TestAsync(On("big"), None), finding => finding.Severity == FindingSeverity.Error);
        var denied = await Assert.ThrowsAsync<P2VException>(() => limited.PublishHelperImageAsync(SimulatorFixture.Vsan, image, None));
        Assert.Equal(ErrorIds.ServerPermissionMissing, denied.ErrorId);
        Assert.Contains("Datastore.Config", denied.Message);

        await using (var admin = await ConnectAsync(SimulatorFixture.UserName))
            await admin.PublishHelperImageAsync(SimulatorFixture.Vsan, image, None);

        Assert.DoesNotContain(await limited.TestAsync(machine, None), finding => finding.Severity == FindingSeverity.Error);
        // A newer one goes into the folder that is there.
        await File.WriteAllTextAsync(image, "newer helper");
        Assert.Single(await limited.PublishHelperImageAsync(SimulatorFixture.Vsan, image, None));
    }

    [Fact]
    public async Task A_VM_on_a_vSAN_loses_its_helper_image_at_the_end()
    {
        await using var destination = await ConnectAsync(SimulatorFixture.UserName);
        var made = await destination.CreateAsync(On(SimulatorFixture.Vsan), Samples.Settings(), image, "c-1", None);
        var admin = await server.ConnectAsync();
        // By its folder's id, not by its name.
        Assert.DoesNotContain("linuxp2v/", Assert.Single(await CdromsAsync()));
        await destination.FinishAsync(made.Id, None);
        Assert.Empty(await CdromsAsync());
        // What is left behind on the datastore is the image, under its name.
        Assert.Single(await destination.ListHelperImagesAsync(SimulatorFixture.Vsan, false, None));
        await destination.DeleteAsync(made.Id, None);
        await admin.CloseAsync();

        async Task<IReadOnlyList<string>> CdromsAsync()
        {
            var snapshot = new MachineSnapshot(
                await admin.Properties.ReadAsync(ManagedObject.Machine(made.Id), MachineSnapshot.Paths, None)
            );
            return
            [
                .. snapshot
                    .Devices.Where(device => device.TypeName() == "VirtualCdrom")
                    .Select(device => device.Child("backing").Text("fileName") ?? ""),
            ];
        }
    }

    [Fact]
    public async Task Writing_files_is_asked_for_on_the_home_datastore_only_and_not_strictly_where_an_image_lies()
    {
        await using var limited = await ConnectAsync(SimulatorFixture.UserWithoutFiles);
        var disk = new DiskAddress(DiskController.Pvscsi, 0, 0);
        var machine = On("Pod1") with
        {
            // One disk for each of the two.
            Disks =
            [
                new(13 * Samples.Gigabyte, disk, DiskFormat.Thick),
                new(14 * Samples.Gigabyte, disk with { Unit = 1 }, DiskFormat.Thick),
            ],
        };
        var missing = Assert.Single(await limited.TestAsync(machine, None), finding => finding.Id == ErrorIds.ServerPermissionMissing);
        Assert.Equal((FindingSeverity.Error, "pod-a"), (missing.Severity, missing.Subject));
        Assert.Contains("Datastore.FileManagement", missing.What);

        await using (var admin = await ConnectAsync(SimulatorFixture.UserName))
            await admin.PublishHelperImageAsync("pod-a", image, None);

        Assert.Equal(
            FindingSeverity.Warning,
            Assert.Single(await limited.TestAsync(machine, None), finding => finding.Id == ErrorIds.ServerPermissionMissing).Severity
        );
        var made = await limited.CreateAsync(machine, Samples.Settings(), image, "c-1", None);
        await limited.DeleteAsync(made.Id, None);
    }

    [Theory]
    [InlineData("Datacenter", "Lab", "the datacenter of")]
    [InlineData("ClusterComputeResource", "Cluster1", "the cluster of the host esx01.lab")]
    public async Task What_may_not_be_read_is_a_missing_right_that_names_it(string type, string name, string expected)
    {
        await server.ControlAsync("/hide", $$"""{"User":"{{SimulatorFixture.UserName}}","Type":"{{type}}","Name":"{{name}}"}""");
        await using var destination = await ConnectAsync(SimulatorFixture.UserName);
        var machine = Samples.Machine() with
        {
            Placement = new PlacementSettings { VMHost = SimulatorFixture.Host, Datastore = "big" },
        };
        var finding = Assert.Single(await destination.TestAsync(machine, None), finding => finding.Id == ErrorIds.ServerPermissionMissing);
        Assert.Contains(expected, finding.What);
        var error = await Assert.ThrowsAsync<P2VException>(() => destination.CreateAsync(machine, Samples.Settings(), image, "c-1", None));
        Assert.Equal(ErrorIds.ServerPermissionMissing, error.ErrorId);
        Assert.Empty(await destination.FindPlacesAsync(machine, null, None));
    }

    [Fact]
    public async Task A_datacenter_that_may_not_be_read_stops_the_sending_of_an_image_by_its_name()
    {
        await server.ControlAsync("/hide", $$"""{"User":"{{SimulatorFixture.UserName}}","Type":"Datacenter","Name":"Lab"}""");
        await using var destination = await ConnectAsync(SimulatorFixture.UserName);
        var error = await Assert.ThrowsAsync<P2VException>(() => destination.PublishHelperImageAsync("big", image, None));
        Assert.Equal(ErrorIds.ServerPermissionMissing, error.ErrorId);
        Assert.Contains("the datacenter of big", error.Message);
    }

    [Fact]
    public async Task A_distributed_switch_that_may_not_be_read_is_named_before_a_VM_is_tied_to_nothing()
    {
        await server.ControlAsync(
            "/hide",
            $$"""{"User":"{{SimulatorFixture.UserName}}","Type":"DistributedVirtualSwitch","Name":"Switch1"}"""
        );
        await using var destination = await ConnectAsync(SimulatorFixture.UserName);
        var machine = Samples.Machine() with { Adapters = [new(AdapterKind.Vmxnet3, SimulatorFixture.DistributedNetwork)] };
        var error = await Assert.ThrowsAsync<P2VException>(() => destination.CreateAsync(machine, Samples.Settings(), image, "c-1", None));
        Assert.Equal(ErrorIds.ServerPermissionMissing, error.ErrorId);
        Assert.Contains($"the distributed switch of {SimulatorFixture.DistributedNetwork}", error.Message);
    }

    private static MachineSpecification On(string datastore) =>
        Samples.Machine() with
        {
            Placement = new PlacementSettings { VMHost = SimulatorFixture.Cluster, Datastore = datastore },
        };

    private Task<VSphereDestination> ConnectAsync(string user) =>
        VSphereDestination.ConnectAsync(server.OptionsOf(user), NullConsole.Instance, None);
}
