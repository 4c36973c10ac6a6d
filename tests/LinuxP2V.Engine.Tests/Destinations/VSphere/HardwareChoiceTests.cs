using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>What an admin may choose of the VM and of its place, against the simulator.</summary>
public sealed class HardwareChoiceTests : DestinationTestBase
{
    private const string Address = "52:54:00:12:34:56";

    [Fact]
    public async Task The_finish_gives_the_adapters_their_addresses_and_leaves_them_unconnected()
    {
        var sample = Samples.Machine();
        var machine = sample with
        {
            NumCpu = 4,
            CoresPerSocket = 2,
            Adapters = [sample.Adapters[0], sample.Adapters[1] with { MacAddress = Address }],
            StartDisconnected = true,
        };
        var created = await CreateAsync(machine);
        Assert.DoesNotContain(Address, created.MacAddresses);
        var helper = await SnapshotAsync(created.Id);
        Assert.All(helper.Adapters, adapter => Assert.True(adapter.Child("connectable").Flag("startConnected")));
        Assert.Equal("TRUE", helper.Option("disk.EnableUUID"));
        var properties = await Admin.Properties.ReadAsync(ManagedObject.Machine(created.Id), ["config.hardware.numCoresPerSocket"], None);
        Assert.Equal("2", properties["config.hardware.numCoresPerSocket"]!.Value);

        var finished = await Destination.FinishAsync(created.Id, None);
        Assert.Equal([created.MacAddresses[0], Address], finished.MacAddresses);
        var copy = await SnapshotAsync(created.Id);
        Assert.All(copy.Adapters, adapter => Assert.False(adapter.Child("connectable").Flag("startConnected")));
        Assert.Equal(["VirtualVmxnet3", "VirtualE1000e"], copy.Adapters.Select(adapter => adapter.TypeName()));
        Assert.All(copy.Adapters, adapter => Assert.NotNull(adapter.Child("backing").Reference("network")));
        Assert.DoesNotContain(copy.OptionKeys, HelperKeys.IsForFinish);
        // Once more: what is done is not done again, whoever changed the VM since.
        var calls = Recorder.Calls.Count(call => call == "ReconfigVM_Task");
        await Destination.FinishAsync(created.Id, None);
        Assert.Equal(calls, Recorder.Calls.Count(call => call == "ReconfigVM_Task"));
    }

    [Fact]
    public async Task Without_a_wish_the_finish_leaves_the_adapters_as_they_are()
    {
        var created = await CreateAsync(Samples.Machine());
        var finished = await Destination.FinishAsync(created.Id, None);
        Assert.Equal(created.MacAddresses, finished.MacAddresses);
        Assert.All((await SnapshotAsync(created.Id)).Adapters, adapter => Assert.True(adapter.Child("connectable").Flag("startConnected")));
    }

    [Fact]
    public async Task Custom_attributes_are_set_and_defined_where_they_are_missing()
    {
        var machine = Samples.Machine() with
        {
            CustomAttributes = new Dictionary<string, string> { ["Owner"] = "Ann <&>", ["Site"] = "Bonn" },
        };
        await CreateAsync(machine);
        var second = await CreateAsync(machine with { Name = "web02" }, "c-2");
        Assert.Equal(3, Recorder.Calls.Count(call => call == "AddCustomFieldDef"));
        var properties = await Admin.Properties.ReadAsync(ManagedObject.Machine(second.Id), ["customValue"], None);
        Assert.Equal(
            ["Ann <&>", "Bonn", "web01.example.com"],
            properties["customValue"]!.Elements().Select(value => value.Text("value")).Order()
        );
        Assert.DoesNotContain(Console.Lines, line => line.StartsWith("WARNING", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DRS_chooses_the_host_unless_one_is_named()
    {
        await Server.ControlAsync("/cluster", $$"""{"Name":"{{SimulatorFixture.Cluster}}","Drs":true}""");
        var places = await Destination.FindPlacesAsync(Samples.Machine(), null, None);
        Assert.All(places, place => Assert.StartsWith("ClusterComputeResource-", place.Placement.VMHost, StringComparison.Ordinal));
        await CreateAsync(Samples.Machine() with { Placement = places[0].Placement });
        Assert.Null(LastCreation().Child("host"));

        var placement = Samples.Machine().Placement with { VMHost = SimulatorFixture.Host };
        await CreateAsync(Samples.Machine("web02") with { Placement = placement }, "c-2");
        Assert.NotNull(LastCreation().Child("host"));

        await Server.ControlAsync("/cluster", $$"""{"Name":"{{SimulatorFixture.Cluster}}","Drs":false}""");
        await Task.Delay(TimeSpan.FromSeconds(11));
        await CreateAsync(Samples.Machine("web03"), "c-3");
        Assert.NotNull(LastCreation().Child("host"));
    }

    [Fact]
    public async Task DRS_chooses_the_host_at_the_start()
    {
        await Server.ControlAsync("/cluster", $$"""{"Name":"{{SimulatorFixture.Cluster}}","Drs":true,"Behavior":"fullyAutomated"}""");
        var created = await CreateAsync(Samples.Machine());
        await Destination.PowerOnAsync(created.Id, None);
        Assert.Equal(MachinePower.PoweredOn, (await Destination.GetAsync(created.Id, None)).Power);
        Assert.Contains("PowerOnMultiVM_Task", Recorder.Calls);
        Assert.DoesNotContain("PowerOnVM_Task", Recorder.Calls);
        // Once more is as good, and what DRS does not start is started where it is.
        await Destination.PowerOnAsync(created.Id, None);
        await Destination.PowerOffAsync(created.Id, None);
        // A server need not tell of a task.
        await Server.ControlAsync("/cluster", $$"""{"Name":"{{SimulatorFixture.Cluster}}","Start":"noTask"}""");
        await Destination.PowerOnAsync(created.Id, None);
        Assert.Equal(MachinePower.PoweredOn, (await Destination.GetAsync(created.Id, None)).Power);
        Assert.DoesNotContain("PowerOnVM_Task", Recorder.Calls);
        await Destination.PowerOffAsync(created.Id, None);
        await Server.ControlAsync("/cluster", $$"""{"Name":"{{SimulatorFixture.Cluster}}","Start":"notAttempted"}""");
        await Destination.PowerOnAsync(created.Id, None);
        Assert.Contains("PowerOnVM_Task", Recorder.Calls);
        Assert.Equal(MachinePower.PoweredOn, (await Destination.GetAsync(created.Id, None)).Power);
    }

    [Fact]
    public async Task A_host_that_was_named_stays_the_VM_s()
    {
        await Server.ControlAsync("/cluster", $$"""{"Name":"{{SimulatorFixture.Cluster}}","Drs":true,"Behavior":"fullyAutomated"}""");
        var sample = Samples.Machine();
        var created = await CreateAsync(sample with { Placement = sample.Placement with { VMHost = SimulatorFixture.Host } });
        await Destination.PowerOnAsync(created.Id, None);
        Assert.DoesNotContain("PowerOnMultiVM_Task", Recorder.Calls);
        Assert.Contains("PowerOnVM_Task", Recorder.Calls);
    }

    [Fact]
    public async Task DRS_is_not_asked_where_one_host_alone_will_do_or_it_only_advises()
    {
        await Server.ControlAsync("/cluster", $$"""{"Name":"{{SimulatorFixture.Cluster}}","Drs":true,"Behavior":"manual"}""");
        var created = await CreateAsync(Samples.Machine());
        Assert.NotNull(LastCreation().Child("host"));
        await Destination.PowerOnAsync(created.Id, None);
        Assert.Contains("PowerOnVM_Task", Recorder.Calls);
        Assert.DoesNotContain("PowerOnMultiVM_Task", Recorder.Calls);

        await Server.ControlAsync("/cluster", $$"""{"Name":"{{SimulatorFixture.Cluster}}","Drs":true,"Behavior":"fullyAutomated"}""");
        await Server.ControlAsync("/datastore", $$"""{"Name":"big","Host":"{{SimulatorFixture.Host}}","Mount":"readOnly"}""");
        await Task.Delay(TimeSpan.FromSeconds(11));
        await CreateAsync(Samples.Machine("web02"), "c-2");
        Assert.NotNull(LastCreation().Child("host"));
    }

    [Theory]
    [InlineData("00:0c:29:01:02:03", true)]
    [InlineData("00:50:56:80:02:03", true)]
    [InlineData("00:50:56:3f:02:03", false)]
    [InlineData("52:54:00:12:34:56", false)]
    public async Task An_address_that_VMware_gives_out_is_not_checked_at_the_start(string address, bool isUnchecked)
    {
        var sample = Samples.Machine();
        var created = await CreateAsync(sample with { Adapters = [sample.Adapters[0] with { MacAddress = address }] });
        await Destination.FinishAsync(created.Id, None);
        Assert.Equal(isUnchecked ? "FALSE" : null, (await SnapshotAsync(created.Id)).Option("ethernet0.checkMACAddress"));
        Assert.DoesNotContain(Console.Lines, line => line.StartsWith("WARNING", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_refuses_an_address_does_not_stop_the_finish()
    {
        var sample = Samples.Machine();
        var created = await CreateAsync(sample with { Adapters = [sample.Adapters[0] with { MacAddress = Address }] });
        await Server.ControlAsync("/fault", """{"Method":"ReconfigVM_Task","Kind":"taskError","Fault":"InvalidDeviceSpec","Count":1}""");
        var finished = await Destination.FinishAsync(created.Id, None);
        Assert.Equal(created.MacAddresses, finished.MacAddresses);
        Assert.True((await SnapshotAsync(created.Id)).IsFinished);
        Assert.Contains(
            Console.Lines,
            line => line.StartsWith("WARNING", StringComparison.Ordinal) && line.Contains(Address, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task An_engine_that_takes_a_VM_over_sets_its_attributes()
    {
        await Server.ControlAsync("/fault", """{"Method":"SetField","Kind":"fault","Fault":"NoPermission","Count":2}""");
        var machine = Samples.Machine() with { CustomAttributes = new Dictionary<string, string> { ["Owner"] = "Ann" } };
        var created = await CreateAsync(machine);
        Assert.Equal(2, Console.Lines.Count(line => line.StartsWith("WARNING", StringComparison.Ordinal)));
        Assert.Equal(created.Id, (await CreateAsync(machine)).Id);
        var properties = await Admin.Properties.ReadAsync(ManagedObject.Machine(created.Id), ["customValue"], None);
        Assert.Contains("Ann", properties["customValue"]!.Elements().Select(value => value.Text("value")));
    }

    [Fact]
    public async Task Storage_DRS_chooses_the_datastore_of_its_cluster()
    {
        var machine = Samples.Machine() with
        {
            Placement = new PlacementSettings { VMHost = SimulatorFixture.Cluster, Datastore = "Pod1" },
        };
        // The simulator advises the first, which has less room now.
        await Server.ControlAsync("/datastore", """{"Name":"pod-a","CapacityGB":12}""");
        var created = await CreateAsync(machine);
        var advice = Assert.Single(Recorder.Bodies, body => body.Name.LocalName == "RecommendDatastores").Child("storageSpec");
        Assert.Equal("create", advice.Text("type"));
        Assert.Equal(2, advice.Child("podSelectionSpec").Child("initialVmConfig").Children("disk").Count());
        Assert.StartsWith("[pod-a] ", created.Location);

        // A datastore that a conversion still fills is advised to no other.
        Assert.StartsWith("[pod-b] ", (await CreateAsync(machine with { Name = "web02" }, "c-2")).Location);
    }

    [Fact]
    public async Task Without_the_advice_of_Storage_DRS_the_emptiest_datastore_serves()
    {
        await Server.ControlAsync("/fault", """{"Method":"RecommendDatastores","Kind":"fault","Fault":"NotSupported","Count":9}""");
        var machine = Samples.Machine() with
        {
            Placement = new PlacementSettings { VMHost = SimulatorFixture.Cluster, Datastore = "Pod1" },
        };
        Assert.StartsWith("[pod-a] ", (await CreateAsync(machine)).Location);
    }

    [Fact]
    public async Task All_wrong_names_are_told_when_the_VM_is_made()
    {
        var machine = Samples.Machine() with
        {
            Adapters = [new AdapterSpecification(AdapterKind.Vmxnet3, "no-such-network")],
            Placement = new PlacementSettings
            {
                VMHost = SimulatorFixture.Cluster,
                Datastore = "no-such-datastore",
                ResourcePool = "no-such-pool",
            },
        };
        var failure = await Assert.ThrowsAsync<P2VException>(() => CreateAsync(machine));
        Assert.All(["no-such-network", "no-such-datastore", "no-such-pool"], name => Assert.Equal(2, failure.Message.Split(name).Length));
    }

    [Fact]
    public async Task One_datastore_may_hold_the_image_for_all_VMs()
    {
        var sample = Samples.Machine();
        var machine = sample with { Placement = sample.Placement with { Datastore = "big", HelperImageDatastore = "small" } };
        var published = Assert.Single(await Destination.PublishHelperImageAsync("small", Image, None));
        // The host may read there, and no more.
        await Server.ControlAsync("/datastore", """{"Name":"small","Mount":"readOnly"}""");
        await Task.Delay(TimeSpan.FromSeconds(11));
        var created = await CreateAsync(machine);
        Assert.StartsWith("[big] ", created.Location);
        var cdrom = Assert.Single((await SnapshotAsync(created.Id)).Devices, device => device.TypeName() == "VirtualCdrom");
        Assert.Equal(published.Path, cdrom.Child("backing").Text("fileName"));
        Assert.Empty(await Destination.ListHelperImagesAsync("big", false, None));
        await Destination.FinishAsync(created.Id, None);
        Assert.DoesNotContain((await SnapshotAsync(created.Id)).Devices, device => device.TypeName() == "VirtualCdrom");
    }

    [Fact]
    public async Task A_wrong_datastore_of_the_image_is_told()
    {
        var sample = Samples.Machine();
        var machine = sample with { Placement = sample.Placement with { HelperImageDatastore = "no-such-datastore" } };
        var finding = Assert.Single(await Destination.TestAsync(machine, None), finding => finding.Subject == "no-such-datastore");
        Assert.Contains("-HelperImageDatastore", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_datastore_cluster_holds_no_image()
    {
        var sample = Samples.Machine();
        foreach (var host in new[] { SimulatorFixture.Cluster, "no-such-host" })
        {
            var machine = sample with { Placement = sample.Placement with { VMHost = host, HelperImageDatastore = "Pod1" } };
            var finding = Assert.Single(await Destination.TestAsync(machine, None), finding => finding.Subject == "Pod1");
            Assert.Equal(ErrorIds.PlanNotPossible, finding.Id);
            Assert.Contains("datastore cluster", finding.What, StringComparison.Ordinal);
            Assert.Contains("pod-a, pod-b", finding.What, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_image_that_no_host_can_send_is_told()
    {
        var sample = Samples.Machine();
        var machine = sample with { Placement = sample.Placement with { HelperImageDatastore = "small" } };
        await Server.ControlAsync("/datastore", """{"Name":"small","Mount":"readOnly"}""");
        var finding = Assert.Single(
            await Destination.TestAsync(machine, Image, None),
            finding => finding.Severity == FindingSeverity.Error
        );
        Assert.Equal((ErrorIds.HelperImageMissing, "small"), (finding.Id, finding.Subject));

        // Another version's image is not enough; this version's is.
        await Server.ControlAsync("/datastore", """{"Name":"small","Mount":"readWrite"}""");
        await Destination.PublishHelperImageAsync("small", Image, None);
        await Server.ControlAsync("/datastore", """{"Name":"small","Mount":"readOnly"}""");
        await Task.Delay(TimeSpan.FromSeconds(11));
        Assert.DoesNotContain(await Destination.TestAsync(machine, Image, None), found => found.Severity == FindingSeverity.Error);
        await File.AppendAllTextAsync(Image, "newer");
        Assert.Contains(await Destination.TestAsync(machine, Image, None), found => found.Id == ErrorIds.HelperImageMissing);
    }

    [Fact]
    public async Task A_VM_of_a_vApp_is_made_found_and_deleted_there()
    {
        await Server.ControlAsync("/vapp", $$"""{"Cluster":"{{SimulatorFixture.Cluster}}","Name":"shop"}""");
        var machine = Samples.Machine() with { Placement = new PlacementSettings { ResourcePool = "shop" } };
        Assert.DoesNotContain(await Destination.TestAsync(machine, None), finding => finding.Severity == FindingSeverity.Error);
        var created = await CreateAsync(machine);
        Assert.Contains("CreateChildVM_Task", Recorder.Calls);
        var properties = await Admin.Properties.ReadAsync(ManagedObject.Machine(created.Id), ["parentVApp", "parent"], None);
        Assert.NotNull(properties["parentVApp"].AsReference());
        Assert.Null(properties["parent"].AsReference());

        // Another driver of the same conversion finds it; another conversion finds the name taken.
        Assert.Equal(created.Id, (await CreateAsync(machine)).Id);
        Assert.Contains(await Destination.TestAsync(machine, None), finding => finding.Id == ErrorIds.DestinationNameTaken);
        var failure = await Assert.ThrowsAsync<P2VException>(() => CreateAsync(machine, "c-2"));
        Assert.Equal(ErrorIds.DestinationNameTaken, failure.ErrorId);

        await Destination.FinishAsync(created.Id, None);
        await Destination.DeleteAsync(created.Id, None);
        await CreateAsync(machine, "c-2");
    }

    [Fact]
    public async Task A_host_with_enough_threads_comes_first()
    {
        await Server.ControlAsync("/host", """{"Name":"esx01.lab","Threads":4}""");
        await Server.ControlAsync("/host", """{"Name":"esx02.lab","Threads":16}""");
        var machine = Samples.Machine() with { NumCpu = 8 };
        Assert.DoesNotContain(await Destination.TestAsync(machine, None), finding => finding.Id == ErrorIds.HardwareNotSupported);
        await CreateAsync(machine);
        var host = LastCreation().Reference("host")!.Value;
        var properties = await Admin.Properties.ReadAsync(host, ["name"], None);
        Assert.Equal("esx02.lab", properties["name"]!.Value);

        var finding = Assert.Single(
            await Destination.TestAsync(machine with { Name = "web02", NumCpu = 32 }, None),
            finding => finding.Id == ErrorIds.HardwareNotSupported
        );
        Assert.Contains("32 processors", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shared_datastore_comes_before_a_larger_local_one()
    {
        using var server = SimulatorFixture.VCenter("local1=500@esx01.lab", "local2=600@esx02.lab");
        await using var destination = await VSphereDestination.ConnectAsync(server.Options, Console, None);
        var machine = Samples.Machine() with { Placement = new PlacementSettings { VMHost = SimulatorFixture.Cluster } };
        Assert.DoesNotContain(await destination.TestAsync(machine, None), finding => finding.Id == ErrorIds.DatastoreNotShared);
        var created = await destination.CreateAsync(machine, Samples.Settings("c-1"), Image, "c-1", None);
        Assert.StartsWith("[big] ", created.Location);

        // Where a local one alone has the room, it is taken, and said.
        var large = machine with
        {
            Name = "web02",
            Disks = [machine.Disks[0] with { SizeBytes = 300L << 30, UsedBytes = 250L << 30 }],
        };
        var finding = Assert.Single(await destination.TestAsync(large, None), finding => finding.Id == ErrorIds.DatastoreNotShared);
        Assert.Contains("local", finding.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TPM_needs_a_key_provider()
    {
        var machine = Samples.Machine() with { Firmware = Firmware.Uefi, VirtualTpm = true };
        var finding = Assert.Single(await Destination.TestAsync(machine, None), finding => finding.Subject == "-VirtualTpm");
        Assert.Equal(ErrorIds.HardwareNotSupported, finding.Id);
        await Server.ControlAsync("/keyprovider", """{"Name":"native"}""");
        Assert.DoesNotContain(await Destination.TestAsync(machine, None), finding => finding.Subject == "-VirtualTpm");
        var created = await CreateAsync(machine);
        var properties = await Admin.Properties.ReadAsync(ManagedObject.Machine(created.Id), ["config.hardware.device"], None);
        Assert.Contains(properties["config.hardware.device"]!.Elements(), device => device.TypeName() == "VirtualTPM");
        await Destination.FinishAsync(created.Id, None);
        properties = await Admin.Properties.ReadAsync(ManagedObject.Machine(created.Id), ["config.hardware.device"], None);
        Assert.Contains(properties["config.hardware.device"]!.Elements(), device => device.TypeName() == "VirtualTPM");
    }

    [Fact]
    public async Task A_stand_alone_host_gives_no_TPM_no_tags_and_no_policies()
    {
        using var server = SimulatorFixture.Esx();
        await using var destination = await VSphereDestination.ConnectAsync(server.Options, Console, None);
        var machine = Samples.Machine() with
        {
            Firmware = Firmware.Uefi,
            VirtualTpm = true,
            Tags = ["Site/Bonn"],
            StoragePolicy = "Gold",
            Placement = new PlacementSettings { Datastore = "big" },
        };
        var errors = (await destination.TestAsync(machine, None)).Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        Assert.Contains(errors, error => error.What.Contains("TPM", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.What.Contains("tags", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.What.Contains("storage policies", StringComparison.Ordinal));
    }

    private System.Xml.Linq.XElement LastCreation() => Recorder.Bodies.Last(body => body.Name.LocalName == "CreateVM_Task");

    private Task<DestinationMachine> CreateAsync(MachineSpecification machine, string conversionId = "c-1") =>
        Destination.CreateAsync(machine, Samples.Settings(conversionId), Image, conversionId, None);
}
