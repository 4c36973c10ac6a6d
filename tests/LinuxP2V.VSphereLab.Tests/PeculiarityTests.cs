using static LinuxP2V.Lab.VSphere.Tests.CreationTests;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>What some servers do otherwise than others: late addresses, folders with ids, objects that one may not read.</summary>
public sealed class PeculiarityTests
{
    [Fact]
    public async Task A_stand_alone_host_makes_an_address_at_the_first_power_on_and_keeps_it()
    {
        await using var lab = await VSphereLab.StartAsync(
            new VSphereLabOptions
            {
                Folder = CallsFixture.NewFolder(),
                WithoutQemu = true,
                Model = VSphereModel.Esx,
            }
        );
        using var client = await RawClient.LoginAsync(lab);
        var vm = await new VmRecipe("late") { Datacenter = "ha-datacenter", Compute = "localhost.localdomain" }.CreateAsync(client);
        async Task<string> AddressAsync() =>
            (await client.PropertiesAsync(vm, "config.hardware.device"))["config.hardware.device"]
                .Descendants()
                .FirstOrDefault(e => e.Name.LocalName == "macAddress")
                ?.Value
            ?? "";

        Assert.Equal("", await AddressAsync());
        await client.RunAsync("PowerOnVM_Task", vm);
        var address = await AddressAsync();
        Assert.Matches("^00:0c:29(:[0-9a-f]{2}){3}$", address);
        await client.RunAsync("PowerOffVM_Task", vm);
        await client.RunAsync("PowerOnVM_Task", vm);
        Assert.Equal(address, await AddressAsync());
    }

    [Fact]
    public async Task A_vSAN_s_folders_are_ids_with_names_that_lead_there()
    {
        await using var lab = await VSphereLab.StartAsync(
            new VSphereLabOptions
            {
                Folder = CallsFixture.NewFolder(),
                WithoutQemu = true,
                Users = [new("admin", "secret", "Administrator"), new("limited", "secret", "Administrator-Datastore.Config")],
                Datastores = ["datastore1=10", "vsan1=10+vsan"],
            }
        );
        using var client = await RawClient.LoginAsync(lab);
        var (store, other) = (await client.FindAsync("Lab/datastore/vsan1"), await client.FindAsync("Lab/datastore/datastore1"));
        var (files, spaces) = (client.Manager("fileManager"), client.Manager("datastoreNamespaceManager"));
        Assert.Equal("false", await client.PropertyAsync(store, "capability.topLevelDirectoryCreateSupported"));
        Assert.Equal(
            "CannotCreateFile",
            (await FaultOf(() => client.CallAsync("MakeDirectory", files, "<name>[vsan1] images</name>"))).Type
        );
        var create = RawClient.Reference("datastore", store) + "<displayName>images</displayName>";
        Assert.Equal(
            "InvalidDatastore",
            (await FaultOf(() => client.CallAsync("CreateDirectory", spaces, RawClient.Reference("datastore", other)))).Type
        );
        using (var limited = await RawClient.LoginAsync(lab, lab.Users[1]))
            Assert.Equal(
                "Datastore.Config",
                (await FaultOf(() => limited.CallAsync("CreateDirectory", spaces, create))).Field("privilegeId")
            );

        var id = (await client.CallAsync("CreateDirectory", spaces, create)).Value.Split('/')[^1];
        Assert.True(Guid.TryParse(id, out _), id);
        Assert.Equal("FileAlreadyExists", (await FaultOf(() => client.CallAsync("CreateDirectory", spaces, create))).Type);
        using var put = await client.PutAsync("images/helper.iso", "vsan1", new ByteArrayContent(new byte[10]));
        using var got = await client.GetAsync($"{id}/helper.iso", "vsan1");
        Assert.Equal(10, (await got.Content.ReadAsByteArrayAsync()).Length);

        var vm = await new VmRecipe("placed") { Datastore = "vsan1", Iso = "images/helper.iso" }.CreateAsync(client);
        Assert.Contains($"[vsan1] {id}/helper.iso", await client.PropertyAsync(vm, "config.hardware.device"), StringComparison.Ordinal);
        Assert.Matches(@"^\[vsan1\] [0-9a-f-]{36}/placed\.vmx$", await client.PropertyAsync(vm, "config.files.vmPathName"));
        await client.RunAsync("Destroy_Task", vm);
        Assert.NotEqual("", await new VmRecipe("placed") { Datastore = "vsan1" }.CreateAsync(client));
    }
}
