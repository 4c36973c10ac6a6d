using static LinuxP2V.Lab.VSphere.Tests.CreationTests;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>A VM that others work on, too.</summary>
[Collection(CallsGroup.Name)]
public sealed class OtherToolsTests(CallsFixture fixture)
{
    private VSphereLabControl Control => fixture.Lab.Control;

    [Fact]
    public async Task A_VM_with_a_task_refuses_a_second_one_until_the_first_is_over()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("busy").CreateAsync(client);
        await Control.OccupyAsync("busy", TimeSpan.FromMinutes(1));
        foreach (
            var (method, arguments) in new[]
            {
                ("ReconfigVM_Task", "<spec/>"),
                ("PowerOnVM_Task", ""),
                ("Rename_Task", "<newName>other</newName>"),
                ("Destroy_Task", ""),
            }
        )
        {
            var refused = await FaultOf(() => client.RunAsync(method, vm, arguments));
            Assert.Equal("TaskInProgress", refused.Type);
            Assert.StartsWith("task-", refused.Field("task"), StringComparison.Ordinal);
        }

        Assert.Equal("busy", await client.PropertyAsync(vm, "name"));
        await Control.OccupyAsync("busy", TimeSpan.Zero);
        await client.RunAsync("PowerOnVM_Task", vm);

        // Of clients' own tasks only when that is asked for.
        await Control.InjectAsync(new("CreateSnapshot_Task", VSphereFaultKind.Slow) { AfterMs = 1500, Match = "slow one" });
        await Control.MakeExclusiveAsync(true, asTask: true);
        try
        {
            var task = await client.CallAsync(
                "CreateSnapshot_Task",
                vm,
                "<name>slow one</name><memory>false</memory><quiesce>false</quiesce>"
            );
            // The call is taken, and its task fails.
            var second = await client.CallAsync("ReconfigVM_Task", vm, "<spec/>");
            Assert.Equal("TaskInProgress", (await FaultOf(() => client.WaitAsync(second.Value))).Type);
            await client.WaitAsync(task.Value);
            await client.RunAsync("ReconfigVM_Task", vm, "<spec/>");
        }
        finally
        {
            await Control.MakeExclusiveAsync(false);
        }
    }

    [Fact]
    public async Task Snapshots_are_a_tree_until_they_are_removed()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("snapped").CreateAsync(client);
        Assert.Equal("", await client.PropertyAsync(vm, "snapshot"));
        var first = await SnapAsync("first");
        await SnapAsync("second");
        var tree = (await client.PropertiesAsync(vm, "snapshot"))["snapshot"];
        var names = tree.Descendants().Where(e => e.Name.LocalName == "name").Select(e => e.Value);
        Assert.Equal(["first", "second"], names);
        Assert.Equal("NotSupported", (await FaultOf(() => client.RunAsync("RevertToSnapshot_Task", first))).Type);
        await client.RunAsync("RemoveSnapshot_Task", first, "<removeChildren>false</removeChildren>");
        Assert.Contains("second", await client.PropertyAsync(vm, "snapshot"), StringComparison.Ordinal);
        await client.RunAsync("RemoveAllSnapshots_Task", vm);
        Assert.Equal("", await client.PropertyAsync(vm, "snapshot"));

        Task<string> SnapAsync(string name) =>
            client.RunAsync("CreateSnapshot_Task", vm, $"<name>{name}</name><memory>false</memory><quiesce>true</quiesce>");
    }

    [Fact]
    public async Task A_VM_keeps_its_id_under_another_name_in_another_folder_on_another_host()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("first") { Host = "esx01.lab" }.CreateAsync(client);
        await new VmRecipe("taken").CreateAsync(client);
        await client.RunAsync("PowerOnVM_Task", vm);
        Assert.Equal("DuplicateName", (await FaultOf(() => client.RunAsync("Rename_Task", vm, "<newName>taken</newName>"))).Type);
        await Control.TreatVmAsync("first", "rename", "second");
        await Control.TreatVmAsync("second", "move", "Converted");
        await Control.TreatVmAsync("second", "migrate", "esx02.lab");

        Assert.Equal(vm, await client.FindAsync("Lab/vm/Converted/second"));
        await Assert.ThrowsAsync<FileNotFoundException>(() => client.FindAsync("Lab/vm/first"));
        var host = await client.FindAsync("Lab/host/Cluster1/esx02.lab");
        Assert.EndsWith(await client.PropertyAsync(vm, "runtime.host"), host, StringComparison.Ordinal);
        Assert.Contains(vm.Split(':')[1], await client.PropertyAsync(host, "vm"), StringComparison.Ordinal);
        Assert.Equal("poweredOn", await client.PropertyAsync(vm, "runtime.powerState"));

        // The edge's datastore is its own, and the cluster's are not on it.
        var local = await new VmRecipe("local") { Compute = "esx-edge.lab", Datastore = "local-edge" }.CreateAsync(client);
        var fault = await FaultOf(() =>
            client.RunAsync("MigrateVM_Task", local, RawClient.Reference("host", host) + "<priority>defaultPriority</priority>")
        );
        Assert.Equal("CannotAccessVmDisk", fault.Type);
    }

    [Fact]
    public async Task The_port_group_of_the_uplinks_is_marked()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var datacenter = await client.FindAsync("Lab");
        var network = (await client.PropertiesAsync(datacenter, "network"))["network"];
        var marked = new List<string>();
        foreach (var group in network.Elements().Where(e => e.Attribute("type")?.Value == "DistributedVirtualPortgroup"))
        {
            var target = $"DistributedVirtualPortgroup:{group.Value}";
            if ((await client.PropertyAsync(target, "tag")).Contains("SYSTEM/DVS.UPLINKPG", StringComparison.Ordinal))
                marked.Add(await client.PropertyAsync(target, "name"));
        }

        Assert.Contains("DVUplinks", Assert.Single(marked), StringComparison.Ordinal);
    }
}
