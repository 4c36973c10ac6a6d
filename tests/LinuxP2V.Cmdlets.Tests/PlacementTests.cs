using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>The inventory parameters of New-P2VTask: what they take, what they make of it, and what they refuse.</summary>
public sealed class PlacementTests : IDisposable
{
    private const string Connect =
        "$null = Connect-P2VServer vc01 -Credential ([pscredential]::new('u', "
        + "([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword)));";

    private readonly TestShell shell = new();

    public PlacementTests() => Assert.Empty(shell.Run($"{Connect} $global:source = Get-P2VSource web01 {TestShell.Login}").Errors);

    /// <summary>Parameter, object, and the text that the engine gets.</summary>
    public static TheoryData<string, object, string> Taken =>
        new()
        {
            { "VMHost", "esx01", "esx01" },
            { "VMHost", "esx*", "esx*" },
            { "VMHost", "/DC0/host/C0/esx01", "/DC0/host/C0/esx01" },
            { "VMHost", Item("esx01", "HostSystem-host-12"), "HostSystem-host-12" },
            { "VMHost", Item("esx01", "HostSystem-ha-host"), "HostSystem-ha-host" },
            { "VMHost", Item("C0", "ClusterComputeResource-domain-c7"), "ClusterComputeResource-domain-c7" },
            { "VMHost", new FakePowerCli.View("HostSystem", "host-12", "esx01"), "HostSystem-host-12" },
            { "VMHost", new FakePowerCli.Reference("HostSystem", "host-12"), "HostSystem-host-12" },
            { "Datastore", "ds[1]", "ds[1]" },
            { "Datastore", Item("ds1", "Datastore-datastore-15"), "Datastore-datastore-15" },
            { "Datastore", Item("pod", "StoragePod-group-p20"), "StoragePod-group-p20" },
            {
                "Datastore",
                Item("local", "Datastore-61e490b8-58dac0d8-f426-90b11c5a54ae"),
                "Datastore-61e490b8-58dac0d8-f426-90b11c5a54ae"
            },
            { "ResourcePool", Item("pool", "ResourcePool-resgroup-8"), "ResourcePool-resgroup-8" },
            { "ResourcePool", Item("app", "VirtualApp-resgroup-v9"), "VirtualApp-resgroup-v9" },
            { "InventoryLocation", new FakePowerCli.FolderImpl("linux", "Folder-group-v30", "VM"), "Folder-group-v30" },
            { "InventoryLocation", Item("DC0", "Datacenter-datacenter-2"), "Datacenter-datacenter-2" },
            { "NetworkName", "VM Network", "VM Network" },
            { "NetworkName", new FakePowerCli.VirtualPortGroupImpl("VM Network"), "VM Network" },
            {
                "Portgroup",
                new FakePowerCli.DistributedPortGroupImpl("dvpg", "dvportgroup-9"),
                "DistributedVirtualPortgroup-dvportgroup-9"
            },
            { "Portgroup", Item("dvpg", "DistributedVirtualPortgroup-dvportgroup-9"), "DistributedVirtualPortgroup-dvportgroup-9" },
            { "NetworkName", Item("nsx", "OpaqueNetwork-network-o5"), "OpaqueNetwork-network-o5" },
            { "NetworkName", Item("VM Network", "Network-network-7"), "Network-network-7" },
        };

    /// <summary>Parameter, object, and the words that its error must have.</summary>
    public static TheoryData<string, object, string, string> Refused =>
        new()
        {
            { "VMHost", Item("web01", "VirtualMachine-vm-7"), "'web01' (VirtualMachine-vm-7) is a VM", "a host or a cluster" },
            { "VMHost", Item("ds1", "Datastore-datastore-15"), "is a datastore", "a host or a cluster" },
            { "Datastore", Item("esx01", "HostSystem-host-12"), "is a host", "a datastore or a datastore cluster" },
            { "ResourcePool", Item("C0", "ClusterComputeResource-domain-c7"), "is a cluster", "a resource pool or a vApp" },
            {
                "InventoryLocation",
                new FakePowerCli.FolderImpl("hosts", "Folder-group-h4", "HostAndCluster"),
                "is a folder of the kind HostAndCluster",
                "a VM folder"
            },
            { "NetworkName", Item("dvs", "VmwareDistributedVirtualSwitch-dvs-3"), "is a distributed switch", "a port group" },
            { "Portgroup", Item("esx01", "HostSystem-host-12"), "is a host", "a port group" },
            { "Location", Item("ds1", "Datastore-datastore-15"), "is a datastore", "VM folder or datacenter" },
            { "VMHost", new FakePowerCli.VIServerImpl("vc01"), "no object of a vSphere inventory", "PowerCLI's object" },
            { "VMHost", 42, "'42' (System.Int32) is no object of a vSphere inventory", "a host or a cluster" },
        };

    public void Dispose() => shell.Dispose();

    [Theory]
    [MemberData(nameof(Taken))]
    public void WhatFitsReachesThePlanner(string parameter, object value, string expected)
    {
        AssertPlanned(parameter, value, expected);
        if (value is not string)
            AssertPlanned(parameter, FakePowerCli.Deserialized(value), expected);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void WhatDoesNotFitIsNamed(string parameter, object value, string given, string wanted)
    {
        foreach (var form in value is string or int ? [value] : new[] { value, FakePowerCli.Deserialized(value) })
        {
            var error = Assert.Single(shell.Run($"$source | New-P2VTask -{parameter} $place", ("place", form)).Errors);
            Assert.StartsWith("ParameterArgumentTransformationError", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains(
                $"'{(parameter == "Portgroup" ? "NetworkName" : parameter)}'",
                error.Exception.Message,
                StringComparison.Ordinal
            );
            Assert.Contains(
                given.Replace("System.Int32", form.GetType().FullName, StringComparison.Ordinal),
                error.Exception.Message,
                StringComparison.Ordinal
            );
            Assert.Contains(wanted, error.Exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("HostSystem-host-12", "VMHost")]
    [InlineData("ClusterComputeResource-domain-c7", "VMHost")]
    [InlineData("ResourcePool-resgroup-8", "ResourcePool")]
    [InlineData("VirtualApp-resgroup-v9", "ResourcePool")]
    [InlineData("Folder-group-v30", "InventoryLocation")]
    [InlineData("Datacenter-datacenter-2", "InventoryLocation")]
    public void ALocationGoesWhereItsKindBelongs(string id, string parameter)
    {
        Assert.Empty(shell.Run("$source | New-P2VTask -Location $place", ("place", Item("x", id))).Errors);
        Assert.Equal(id, Planned(parameter));
        var twice = shell
            .Run($"$source | New-P2VTask -Location $place -{parameter} other", ("place", Item("x", id)))
            .Error("PlanNotPossible");
        Assert.Contains("-" + parameter, twice.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALocationByNameIsAFolder()
    {
        Assert.Empty(shell.Run("$source | New-P2VTask -Location linux -VMHost esx01 -HardwareVersion vmx-19").Errors);
        Assert.Equal(
            ("linux", "esx01", "vmx-19"),
            (Planned("InventoryLocation"), Planned("VMHost"), shell.Engine.PlannedWith!.HardwareVersion)
        );
    }

    [Fact]
    public void SeveralNetworksKeepTheirOrderAndKind()
    {
        object[] networks = ["VM Network", new FakePowerCli.DistributedPortGroupImpl("dvpg", "dvportgroup-9")];
        Assert.Empty(shell.Run("$source | New-P2VTask -NetworkName $networks", ("networks", networks)).Errors);
        Assert.Equal(["VM Network", "DistributedVirtualPortgroup-dvportgroup-9"], shell.Engine.PlannedWith!.NetworkNames);
    }

    [Fact]
    public void AnObjectOfAnotherServerIsRefused()
    {
        var stranger = new FakePowerCli.InventoryItemImpl("esx01", "HostSystem-host-12", "vc02");
        var error = shell.Run("$source | New-P2VTask -Server vc01 -VMHost $place", ("place", stranger)).Error("PlanNotPossible");
        Assert.Contains("'esx01' is an object of vc02, but the destination is vc01", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAServerTheObjectsOwnIsTaken()
    {
        shell.Run(Connect.Replace("vc01", "vc02.example.org", StringComparison.Ordinal));
        Assert.Empty(shell.Run("$source | New-P2VTask -VMHost $place", ("place", Item("esx01", "HostSystem-host-12"))).Errors);
        Assert.Equal("vc01", shell.Engine.PlannedFor!.Address);
        // Tools name a server as their users did: with its domain or without.
        Assert.Empty(
            shell
                .Run(
                    "$source | New-P2VTask -VMHost $place",
                    ("place", new FakePowerCli.InventoryItemImpl("esx01", "HostSystem-host-12", "vc02"))
                )
                .Errors
        );
        Assert.Equal("vc02.example.org", shell.Engine.PlannedFor!.Address);
        shell
            .Run(
                "$source | New-P2VTask -VMHost $place",
                ("place", new FakePowerCli.InventoryItemImpl("esx01", "HostSystem-host-12", "vc03"))
            )
            .Error("ServerNotConnected");
    }

    [Fact]
    public void AHelperImageThatIsThereIsAText()
    {
        AssertPlanned("HelperImageItem", "Boot/linuxp2v-helper", "Boot/linuxp2v-helper");
        // No wildcard, although it looks like one.
        AssertPlanned("HelperImageItem", "[ds1] iso/helper.iso", "[ds1] iso/helper.iso");
    }

    [Fact]
    public void ARowOfAFileGivesWhatAVCenterHas()
    {
        // As Import-Csv gives them.
        const string Rows = """
            $rows = [pscustomobject]@{
                ComputerName = 'web01'; HelperImageItem = 'Boot/helper'; Tag = 'Site/Bonn; Daily'; StoragePolicy = 'Gold'
                VirtualTpm = 'yes'
            }, [pscustomobject]@{
                ComputerName = 'web02'; HelperImageItem = ''; Tag = ''; StoragePolicy = ''; VirtualTpm = ''
            }

            """;
        Assert.Empty(shell.Run($"{Rows}$rows[0] | Get-P2VSource {TestShell.Login} | New-P2VTask").Errors);
        var settings = shell.Engine.PlannedWith!;
        Assert.Equal(["Site/Bonn", "Daily"], settings.Tags);
        Assert.Equal(("Boot/helper", "Gold", true), (settings.Placement.HelperImageItem, settings.StoragePolicy, settings.VirtualTpm));
        Assert.Empty(shell.Run($"{Rows}$rows[1] | Get-P2VSource {TestShell.Login} | New-P2VTask").Errors);
        settings = shell.Engine.PlannedWith!;
        Assert.Empty(settings.Tags);
        Assert.Equal((null, null, false), (settings.Placement.HelperImageItem, settings.StoragePolicy, settings.VirtualTpm));
    }

    [Fact]
    public void WhatAVCenterHasIsTakenAwayFromATask()
    {
        var made = shell.Run(
            "$global:task = $source | New-P2VTask -Tag Site/Bonn -StoragePolicy Gold -VirtualTpm -HelperImageItem Boot/helper "
                + "-CustomAttribute @{ Owner = 'Ann' }"
        );
        Assert.Empty(made.Errors);
        Assert.Equal("Boot/helper", shell.Engine.PlannedWith!.Placement.HelperImageItem);
        // What is not named stays.
        Assert.Empty(shell.Run("$null = $task | Set-P2VTask -Notes x").Errors);
        Assert.Equal(
            ("Boot/helper", "Gold"),
            (shell.Engine.PlannedWith!.Placement.HelperImageItem, shell.Engine.PlannedWith!.StoragePolicy)
        );
        var cleared = "-Tag @() -StoragePolicy '' -VirtualTpm:$false -HelperImageItem '' -CustomAttribute @{}";
        Assert.Empty(shell.Run($"$null = $task | Set-P2VTask {cleared}").Errors);
        var settings = shell.Engine.PlannedWith!;
        Assert.Empty(settings.Tags);
        Assert.Empty(settings.CustomAttributes);
        Assert.Equal((null, null, false), (settings.Placement.HelperImageItem, settings.StoragePolicy, settings.VirtualTpm));
    }

    [Fact]
    public void ATagWithASemicolonGoesInAList()
    {
        Assert.Empty(shell.Run("$source | New-P2VTask -Tag @('Site/a;b')").Errors);
        Assert.Equal(["Site/a;b"], shell.Engine.PlannedWith!.Tags);
        Assert.Empty(shell.Run("$source | New-P2VTask -Tag 'Site/a;b'").Errors);
        Assert.Equal(["Site/a", "b"], shell.Engine.PlannedWith!.Tags);
    }

    private static FakePowerCli.InventoryItemImpl Item(string name, string id) => new(name, id);

    private void AssertPlanned(string parameter, object value, string expected)
    {
        Assert.Empty(shell.Run($"$source | New-P2VTask -{parameter} $place", ("place", value)).Errors);
        Assert.Equal(expected, Planned(parameter));
    }

    private string? Planned(string parameter)
    {
        TaskSettings settings = shell.Engine.PlannedWith!;
        return parameter switch
        {
            "VMHost" => settings.Placement.VMHost,
            "Datastore" => settings.Placement.Datastore,
            "ResourcePool" => settings.Placement.ResourcePool,
            "InventoryLocation" => settings.Placement.InventoryLocation,
            "HelperImageItem" => settings.Placement.HelperImageItem,
            _ => Assert.Single(settings.NetworkNames),
        };
    }
}
