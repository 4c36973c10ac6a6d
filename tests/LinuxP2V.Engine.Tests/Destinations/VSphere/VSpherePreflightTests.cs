using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>What is found before anything is made.</summary>
public sealed class VSpherePreflightTests : IDisposable
{
    private readonly SimulatorFixture server = SimulatorFixture.VCenter();

    private static CancellationToken None => CancellationToken.None;

    public void Dispose() => server.Dispose();

    [Fact]
    public async Task A_task_that_fits_has_no_errors()
    {
        var findings = await TestAsync(Samples.Machine());
        Assert.DoesNotContain(findings, finding => finding.Severity == FindingSeverity.Error);
    }

    [Fact]
    public async Task Disks_that_do_not_fit_are_told_with_the_numbers_and_a_cluster_of_datastores_takes_more()
    {
        var disk = new DiskSpecification(14 * Samples.Gigabyte, new DiskAddress(DiskController.Pvscsi, 0, 0), DiskFormat.Thick);
        var machine = Samples.Machine() with
        {
            Disks = [disk, disk with { Address = new DiskAddress(DiskController.Pvscsi, 0, 1) }],
            Placement = new PlacementSettings { VMHost = SimulatorFixture.Cluster, Datastore = "small" },
        };
        var full = Assert.Single(await TestAsync(machine), finding => finding.Id == ErrorIds.DestinationFull);
        Assert.Equal(("small", FindingSeverity.Error), (full.Subject, full.Severity));

        // 20 and 15 GB, neither of which has the room for both.
        var spread = machine with
        {
            Placement = machine.Placement with { Datastore = "Pod1" },
        };
        Assert.DoesNotContain(await TestAsync(spread), finding => finding.Severity == FindingSeverity.Error);
        Assert.DoesNotContain(
            await TestAsync(machine with { Placement = machine.Placement with { Datastore = "pod-*" } }),
            finding => finding.Severity == FindingSeverity.Error
        );
    }

    [Fact]
    public async Task Networks_are_listed_where_none_was_chosen()
    {
        var machine = Samples.Machine() with { Adapters = [new AdapterSpecification(AdapterKind.Vmxnet3, null)] };

        var finding = Assert.Single(await TestAsync(machine), finding => finding.Severity == FindingSeverity.Error);

        Assert.Equal(ErrorIds.InventoryItemAmbiguous, finding.Id);
        Assert.Contains("VM Network", finding.What, StringComparison.Ordinal);
        Assert.Contains(SimulatorFixture.DistributedNetwork, finding.What, StringComparison.Ordinal);
        Assert.Contains("-NetworkName", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_only_network_is_taken_and_said()
    {
        using var esx = SimulatorFixture.Esx();
        await using var host = await VSphereDestination.ConnectAsync(esx.Options, new ListeningConsole(), None);
        var machine = Samples.Machine() with
        {
            Adapters = [new AdapterSpecification(AdapterKind.Vmxnet3, null)],
            Placement = new PlacementSettings { Datastore = "big" },
        };

        var findings = await host.TestAsync(machine, None);

        Assert.DoesNotContain(findings, finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal("VM Network", Assert.Single(findings, finding => finding.Id == ErrorIds.NetworkChosen).Subject);
    }

    [Fact]
    public async Task All_wrong_names_are_told_at_once()
    {
        var machine = Samples.Machine() with
        {
            Adapters = [new AdapterSpecification(AdapterKind.Vmxnet3, "no-net")],
            Placement = new PlacementSettings
            {
                VMHost = "no-host",
                Datastore = "no-store",
                ResourcePool = "no-pool",
                InventoryLocation = "no-folder",
            },
        };

        var findings = await TestAsync(machine);

        Assert.Equal(
            ["no-folder", "no-host", "no-net", "no-pool", "no-store"],
            findings.Where(finding => finding.Id == ErrorIds.InventoryItemNotFound).Select(finding => finding.Subject).Order()
        );
    }

    [Fact]
    public async Task More_processors_than_the_host_has_are_told()
    {
        var findings = await TestAsync(Samples.Machine() with { NumCpu = 700 });

        var finding = Assert.Single(findings, finding => finding.Subject == SimulatorFixture.Host);
        Assert.Equal((FindingSeverity.Error, ErrorIds.HardwareNotSupported), (finding.Severity, finding.Id));
        Assert.Contains("700 processors", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_in_maintenance_or_gone_is_told()
    {
        var machine = Samples.Machine() with
        {
            Placement = new PlacementSettings { VMHost = $"/Lab/{SimulatorFixture.Cluster}/{SimulatorFixture.Host}", Datastore = "big" },
        };
        foreach (
            var (state, words) in new[]
            {
                ("maintenance", "maintenance mode"),
                ("disconnected", "disconnected"),
                ("notResponding", "does not respond"),
            }
        )
        {
            await server.ControlAsync("/host", $$"""{"Name":"{{SimulatorFixture.Host}}","State":"{{state}}"}""");
            var finding = Assert.Single(await TestAsync(machine), finding => finding.Id == ErrorIds.HostNotAvailable);
            Assert.Contains(words, finding.What);
            // Its cluster has another one.
            Assert.DoesNotContain(await TestAsync(Samples.Machine()), finding => finding.Severity == FindingSeverity.Error);
        }
    }

    [Fact]
    public async Task A_missing_privilege_is_named()
    {
        var findings = await TestAsync(Samples.Machine(), server.Options with { UserName = SimulatorFixture.LimitedUser });
        var missing = findings.Where(finding => finding.Id == ErrorIds.ServerPermissionMissing).ToList();
        Assert.Contains(missing, finding => finding.What.Contains("Network.Assign"));
        Assert.Contains(missing, finding => finding.What.Contains("VirtualMachine.Config.AddNewDisk"));
        Assert.DoesNotContain(missing, finding => finding.What.Contains("Datastore."));
    }

    [Fact]
    public async Task A_denied_call_is_an_error_that_names_the_privilege()
    {
        var image = Path.GetTempFileName();
        await File.WriteAllTextAsync(image, "image");
        await using var destination = await VSphereDestination.ConnectAsync(
            server.Options with
            {
                UserName = SimulatorFixture.LimitedUser,
            },
            NullConsole.Instance,
            None
        );
        var denied = await Assert.ThrowsAsync<P2VException>(() =>
            destination.CreateAsync(Samples.Machine(), Samples.Settings(), image, "c-1", None)
        );
        Assert.Equal(ErrorIds.ServerPermissionMissing, denied.ErrorId);
        Assert.Matches("Network.Assign|AddNewDisk", denied.Message);
        File.Delete(image);
    }

    [Fact]
    public async Task What_vSphere_has_not_is_told()
    {
        var machine = Samples.Machine() with
        {
            NumCpu = 100_000,
            HardwareVersion = "vmx-99",
            Adapters = [new AdapterSpecification(AdapterKind.VirtioNet, "VM Network")],
        };
        var findings = await TestAsync(machine);
        Assert.Contains(findings, finding => finding.Id == ErrorIds.HardwareNotSupported && finding.What.Contains("VirtioNet"));
        Assert.Contains(findings, finding => finding.Id == ErrorIds.HardwareNotSupported && finding.What.Contains("vmx-99"));
    }

    [Fact]
    public async Task A_stand_alone_ESXi_makes_VMs_too()
    {
        using var esx = SimulatorFixture.Esx();
        var image = Path.GetTempFileName();
        await File.WriteAllTextAsync(image, "image");
        await using var destination = await VSphereDestination.ConnectAsync(esx.Options, NullConsole.Instance, None);
        var machine = Samples.Machine() with { Placement = new PlacementSettings { Datastore = "small" } };
        Assert.DoesNotContain(await destination.TestAsync(machine, None), finding => finding.Severity == FindingSeverity.Error);
        var created = await destination.CreateAsync(machine, Samples.Settings(), image, "c-1", None);
        // The host makes addresses at the first power-on.
        Assert.Equal([null, null], created.MacAddresses);
        await destination.PowerOnAsync(created.Id, None);
        var running = await destination.GetAsync(created.Id, None);
        Assert.Equal(MachinePower.PoweredOn, running.Power);
        Assert.All(running.MacAddresses, mac => Assert.Matches("^00:0c:29(:[0-9a-f]{2}){3}$", mac));
        Assert.Equal(2, running.MacAddresses.Distinct().Count());
        await destination.PowerOffAsync(created.Id, None);
        Assert.Equal(running.MacAddresses, (await destination.GetAsync(created.Id, None)).MacAddresses);
        await destination.FinishAsync(created.Id, None);
        await destination.DeleteAsync(created.Id, None);
        File.Delete(image);
    }

    private async Task<IReadOnlyList<Finding>> TestAsync(MachineSpecification machine, VSphereConnectionOptions? options = null)
    {
        await using var destination = await VSphereDestination.ConnectAsync(options ?? server.Options, NullConsole.Instance, None);
        return await destination.TestAsync(machine, None);
    }
}
