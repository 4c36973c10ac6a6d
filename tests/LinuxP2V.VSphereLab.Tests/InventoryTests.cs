using System.Net;
using static LinuxP2V.Lab.VSphere.Tests.CreationTests;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>What a client finds: inventory, hardware versions and guests, custom fields, files.</summary>
[Collection(CallsGroup.Name)]
public sealed class InventoryTests(CallsFixture fixture)
{
    [Theory]
    [InlineData("Lab/vm/Converted", "Folder")]
    [InlineData("Lab/host/Cluster1/esx02.lab", "HostSystem")]
    [InlineData("Lab/host/Cluster1/Resources/Pool1", "ResourcePool")]
    [InlineData("Lab/host/esx-edge.lab/esx-edge.lab", "HostSystem")]
    [InlineData("Lab/network/Distributed Network", "DistributedVirtualPortgroup")]
    [InlineData("Lab/datastore/pod1", "StoragePod")]
    [InlineData("Lab/datastore/pod1/pod1-b", "Datastore")]
    public async Task There_is_some_of_everything(string path, string type)
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);

        Assert.StartsWith(type + ":", await client.FindAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Datastores_are_as_large_as_told_and_long_answers_come_in_pages()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        Assert.Equal(
            (80L << 30).ToString(System.Globalization.CultureInfo.InvariantCulture),
            await client.PropertyAsync(await client.FindAsync("Lab/datastore/pod1/pod1-b"), "summary.capacity")
        );
        var view = (
            await client.CallAsync(
                "CreateContainerView",
                client.Manager("viewManager"),
                $"{RawClient.Reference("container", client.Manager("rootFolder"))}<type>Datastore</type><recursive>true</recursive>"
            )
        ).Value;

        var names = new List<string>();
        var page = await client.CallAsync(
            "RetrievePropertiesEx",
            client.Manager("propertyCollector"),
            $"""
            <specSet><propSet><type>Datastore</type><pathSet>name</pathSet></propSet><objectSet>{RawClient.Reference(
                "obj",
                $"ContainerView:{view}"
            )}<skip>true</skip>
            <selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet>
            </specSet><options><maxObjects>2</maxObjects></options>
            """
        );
        while (true)
        {
            names.AddRange(page.Descendants().Where(e => e.Name.LocalName == "val").Select(e => e.Value));
            if (page.Elements().FirstOrDefault(e => e.Name.LocalName == "token") is not { } token)
                break;

            Assert.Equal(0, names.Count % 2);
            page = await client.CallAsync(
                "ContinueRetrievePropertiesEx",
                client.Manager("propertyCollector"),
                $"<token>{token.Value}</token>"
            );
        }

        Assert.Equal(["datastore1", "local-edge", "pod1-a", "pod1-b", "tiny"], names.Order());
    }

    [Fact]
    public async Task The_environment_browser_knows_versions_and_guests()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var browser = (await client.PropertiesAsync(await client.FindAsync("Lab/host/Cluster1"), "environmentBrowser"))[
            "environmentBrowser"
        ];
        var target = $"EnvironmentBrowser:{browser.Value}";
        async Task<List<string>> GuestsAsync(string key) =>
            (await client.CallAsync("QueryConfigOptionEx", target, $"<spec><key>{key}</key></spec>"))
                .Elements()
                .Where(e => e.Name.LocalName == "guestOSDescriptor")
                .Select(e => e.Elements().First(x => x.Name.LocalName == "id").Value)
                .ToList();

        var newest = await client.CallAsync("QueryConfigOption", target, "");

        Assert.Equal("vmx-19", newest.Elements().First(e => e.Name.LocalName == "version").Value);
        Assert.Contains("debian11_64Guest", await GuestsAsync("vmx-19"));
        Assert.DoesNotContain("debian11_64Guest", await GuestsAsync("vmx-13"));
        Assert.Equal("InvalidArgument", (await FaultOf(() => GuestsAsync("vmx-20"))).Type);
    }

    [Fact]
    public async Task Custom_fields_keep_one_value()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("field").CreateAsync(client);
        var manager = client.Manager("customFieldsManager");
        var definition = await client.CallAsync("AddCustomFieldDef", manager, "<name>linuxp2v.state</name><moType>VirtualMachine</moType>");
        var key = definition.Elements().First(e => e.Name.LocalName == "key").Value;

        foreach (var value in new[] { "Copying", "Completed" })
            await client.CallAsync("SetField", manager, $"{RawClient.Reference("entity", vm)}<key>{key}</key><value>{value}</value>");

        var values = (await client.PropertiesAsync(vm, "customValue"))["customValue"];
        Assert.Equal(["Completed"], values.Descendants().Where(e => e.Name.LocalName == "value").Select(e => e.Value));
        Assert.Equal(
            "DuplicateName",
            (
                await FaultOf(() =>
                    client.CallAsync("AddCustomFieldDef", manager, "<name>linuxp2v.state</name><moType>VirtualMachine</moType>")
                )
            ).Type
        );
    }

    [Fact]
    public async Task Files_are_put_found_moved_and_deleted()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var (manager, center) = (client.Manager("fileManager"), await client.FindAsync("Lab"));
        using var early = await client.PutAsync("images/one.part", "pod1-a", new StringContent("content"));
        Assert.Equal(HttpStatusCode.NotFound, early.StatusCode);
        await client.CallAsync("MakeDirectory", manager, $"<name>[pod1-a] images</name>{RawClient.Reference("datacenter", center)}");
        Assert.Equal(
            "FileAlreadyExists",
            (
                await FaultOf(() =>
                    client.CallAsync("MakeDirectory", manager, $"<name>[pod1-a] images</name>{RawClient.Reference("datacenter", center)}")
                )
            ).Type
        );

        using var put = await client.PutAsync("images/one.part", "pod1-a", new StringContent("content"));
        await client.RunAsync(
            "MoveDatastoreFile_Task",
            manager,
            $"""
            <sourceName>[pod1-a] images/one.part</sourceName>{RawClient.Reference("sourceDatacenter", center)}
            <destinationName>[pod1-a] images/one.iso</destinationName>{RawClient.Reference("destinationDatacenter", center)}
            """
        );
        using var got = await client.GetAsync("images/one.iso", "pod1-a");
        using var unknown = await client.GetAsync("images/one.iso", "pod1-a", "NoSuchCenter");

        Assert.Equal((HttpStatusCode.Created, "content"), (put.StatusCode, await got.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        var browser = (await client.PropertiesAsync(await client.FindAsync("Lab/datastore/pod1/pod1-a"), "browser"))["browser"].Value;
        var search = (
            await client.CallAsync(
                "SearchDatastore_Task",
                $"HostDatastoreBrowser:{browser}",
                "<datastorePath>[pod1-a] images</datastorePath>"
            )
        ).Value;
        await client.WaitAsync(search);
        Assert.Contains("one.iso", await client.PropertyAsync($"Task:{search}", "info.result"), StringComparison.Ordinal);
        await client.RunAsync(
            "DeleteDatastoreFile_Task",
            manager,
            $"<name>[pod1-a] images/one.iso</name>{RawClient.Reference("datacenter", center)}"
        );
        Assert.Equal(
            "FileNotFound",
            (
                await FaultOf(() =>
                    client.RunAsync(
                        "DeleteDatastoreFile_Task",
                        manager,
                        $"<name>[pod1-a] images/one.iso</name>{RawClient.Reference("datacenter", center)}"
                    )
                )
            ).Type
        );
    }
}
