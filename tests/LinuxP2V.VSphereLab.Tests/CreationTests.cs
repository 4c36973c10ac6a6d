namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>What the simulator lets pass, and vSphere does not.</summary>
[Collection(CallsGroup.Name)]
public sealed class CreationTests(CallsFixture fixture)
{
    [Fact]
    public async Task A_VM_gets_real_disks_keys_and_addresses()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);

        var vm = await new VmRecipe("made") { IsThin = false }.CreateAsync(client);

        var devices = (await client.PropertiesAsync(vm, "config.hardware.device"))["config.hardware.device"];
        Assert.Equal(
            ["1000", "2000", "4000"],
            devices
                .Elements()
                .Where(device => device.Attributes().Any(a => a.Value is "ParaVirtualSCSIController" or "VirtualDisk" or "VirtualVmxnet3"))
                .Select(device => device.Elements().First(e => e.Name.LocalName == "key").Value)
        );
        Assert.StartsWith("00:50:56:", devices.Descendants().First(e => e.Name.LocalName == "macAddress").Value, StringComparison.Ordinal);
        var state = await fixture.Lab.Control.StateAsync();
        Assert.Equal(1L << 30, new FileInfo(Path.Combine(state.Vm("made").Folder, "made-flat.vmdk")).Length);
        Assert.Contains(
            "RW 2097152 VMFS \"made-flat.vmdk\"",
            await File.ReadAllTextAsync(Path.Combine(state.Vm("made").Folder, "made.vmdk")),
            StringComparison.Ordinal
        );
        Assert.InRange(state.Datastore("datastore1").Free, 0, state.Datastore("datastore1").Capacity - (1L << 30));

        await client.RunAsync("Destroy_Task", vm);

        Assert.False(Directory.Exists(state.Vm("made").Folder));
        Assert.Equal("ManagedObjectNotFound", (await FaultOf(() => client.PropertyAsync(vm, "name"))).Type);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var first = await new VmRecipe("twice").CreateAsync(client);

        var fault = await FaultOf(() => new VmRecipe("twice").CreateAsync(client));

        Assert.Equal("DuplicateName", fault.Type);
        Assert.Equal("twice", fault.Field("name"));
        Assert.EndsWith(fault.Field("object"), first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thick_disk_needs_room_and_a_thin_one_does_not()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);

        var fault = await FaultOf(() => new VmRecipe("thick") { DiskGB = 50, IsThin = false }.CreateAsync(client));
        var vm = await new VmRecipe("thin") { DiskGB = 50 }.CreateAsync(client);

        Assert.Equal("NoDiskSpace", fault.Type);
        Assert.Equal("datastore1", fault.Field("datastore"));
        Assert.Equal("thin", await client.PropertyAsync(vm, "name"));
        Assert.DoesNotContain((await fixture.Lab.Control.StateAsync()).Vms, each => each.Name == "thick");
    }

    [Fact]
    public async Task What_does_not_exist_is_named_in_a_fault()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);

        Assert.Equal("InvalidDeviceBacking", (await FaultOf(() => new VmRecipe("a") { Network = "no such" }.CreateAsync(client))).Type);
        Assert.Equal("InvalidDatastorePath", (await FaultOf(() => new VmRecipe("a") { Datastore = "no such" }.CreateAsync(client))).Type);
        var guest = await FaultOf(() => new VmRecipe("a") { GuestId = "noSuchGuest" }.CreateAsync(client));
        Assert.Equal(("InvalidArgument", "configSpec.guestId"), (guest.Type, guest.Field("invalidProperty")));
        // Known from hardware version 20 on only, which this API version does not have.
        Assert.Equal("InvalidArgument", (await FaultOf(() => new VmRecipe("a") { GuestId = "debian12_64Guest" }.CreateAsync(client))).Type);
        Assert.Equal("InvalidDeviceSpec", (await FaultOf(() => new VmRecipe("a") { Unit = 7 }.CreateAsync(client))).Type);
        // Mounted on the stand-alone host alone.
        Assert.Equal(
            "InvalidDatastorePath",
            (await FaultOf(() => new VmRecipe("a") { Datastore = "local-edge" }.CreateAsync(client))).Type
        );
        Assert.DoesNotContain((await fixture.Lab.Control.StateAsync()).Vms, vm => vm.Name == "a");
    }

    [Fact]
    public async Task A_host_in_maintenance_or_gone_takes_no_VM()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var recipe = new VmRecipe("hosted") { Compute = "esx-edge.lab", Datastore = "local-edge" };
        try
        {
            await fixture.Lab.Control.SetHostAsync("esx-edge.lab", "maintenance");
            Assert.Equal("InvalidHostState", (await FaultOf(() => recipe.CreateAsync(client))).Type);
            await fixture.Lab.Control.SetHostAsync("esx-edge.lab", "disconnected");
            Assert.Equal("HostNotConnected", (await FaultOf(() => recipe.CreateAsync(client))).Type);
        }
        finally
        {
            await fixture.Lab.Control.SetHostAsync("esx-edge.lab", "connected");
        }

        Assert.NotEmpty(await recipe.CreateAsync(client));
    }

    [Fact]
    public async Task The_schema_is_strict()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var folder = await client.FindAsync("Lab/vm");
        var right = await new VmRecipe("strict").ArgumentsAsync(client);
        var misplaced = right
            .Replace("<numCPUs>2</numCPUs>", "", StringComparison.Ordinal)
            .Replace("<firmware>", "<numCPUs>2</numCPUs><firmware>", StringComparison.Ordinal);
        var unknown = right.Replace("<numCPUs>", "<colour>red</colour><numCPUs>", StringComparison.Ordinal);
        var incomplete = right.Replace("<busNumber>0</busNumber>", "", StringComparison.Ordinal);

        foreach (var (wrong, word) in new[] { (misplaced, "numCPUs"), (unknown, "colour"), (incomplete, "busNumber") })
        {
            var fault = await FaultOf(() => client.RunAsync("CreateVM_Task", folder, wrong));
            Assert.Equal("InvalidRequest", fault.Type);
            Assert.Contains(word, fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(
            3,
            (await fixture.Lab.Control.StateAsync()).Refused.Count(text =>
                text.Contains("numCPUs", StringComparison.Ordinal)
                || text.Contains("colour", StringComparison.Ordinal)
                || text.Contains("busNumber", StringComparison.Ordinal)
            )
        );
        using var newer = new RawClient(fixture.Lab) { ApiVersion = "99.0" };
        Assert.Contains(
            "Unsupported version",
            (await FaultOf(() => newer.CallAsync("RetrieveServiceContent", "ServiceInstance:ServiceInstance", ""))).Message,
            StringComparison.Ordinal
        );
        Assert.Equal("InvalidProperty", (await FaultOf(() => client.PropertyAsync(folder, "colour"))).Type);
    }

    internal static async Task<Fault> FaultOf<T>(Func<Task<T>> act) => (await Assert.ThrowsAsync<FaultException>(act)).Fault;
}
