using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Which datastores count, and how much of what they call free is free.</summary>
public sealed class VSphereSpaceTests : IDisposable
{
    private readonly SimulatorFixture server = SimulatorFixture.VCenter();
    private readonly string image = Path.GetTempFileName();

    // Nothing boots it.
    public VSphereSpaceTests() => File.WriteAllText(image, "helper");

    private static CancellationToken None => CancellationToken.None;

    public void Dispose()
    {
        server.Dispose();
        File.Delete(image);
    }

    [Fact]
    public async Task Thin_disks_that_are_made_together_do_not_count_on_the_same_room()
    {
        await using var destination = await ConnectAsync();
        // 8 GB will be written and 1.5 are overhead: two of them fit onto 20 GB, and no third.
        var machine = Thin("small", 8);
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(number => CreateAsync(destination, machine with { Name = $"thin{number}" }, $"c-{number}"))
        );
        Assert.Equal(2, outcomes.Count(outcome => outcome.Machine is not null));
        Assert.All(
            outcomes.Where(outcome => outcome.Machine is null),
            outcome => Assert.Equal(ErrorIds.DestinationFull, outcome.Error!.ErrorId)
        );
        Assert.Contains(
            await destination.TestAsync(machine, None),
            finding => finding.Id == ErrorIds.DestinationFull && finding.Severity == FindingSeverity.Error
        );

        // One that is finished has taken what it takes; one that is gone gives it back.
        foreach (var (made, _) in outcomes.Where(outcome => outcome.Machine is not null))
            await destination.DeleteAsync(made!.Id, None);

        Assert.DoesNotContain(await destination.TestAsync(machine, None), finding => finding.Id == ErrorIds.DestinationFull);
    }

    [Fact]
    public async Task A_thick_disk_counts_once_whether_the_server_counts_it_yet_or_not()
    {
        await using var destination = await ConnectAsync();
        var machine = Thin("small", 8) with
        {
            Disks = [new(8 * Samples.Gigabyte, new DiskAddress(DiskController.Pvscsi, 0, 0), DiskFormat.Thick)],
        };
        Assert.NotNull((await CreateAsync(destination, machine with { Name = "thick0" }, "c-0")).Machine);
        // At once, when the inventory is the one from before.
        Assert.DoesNotContain(await destination.TestAsync(machine, None), finding => finding.Id == ErrorIds.DestinationFull);
        await using var other = await ConnectAsync();
        Assert.DoesNotContain(await other.TestAsync(machine, None), finding => finding.Id == ErrorIds.DestinationFull);
        Assert.NotNull((await CreateAsync(destination, machine with { Name = "thick1" }, "c-1")).Machine);
        Assert.Contains(await destination.TestAsync(machine, None), finding => finding.Id == ErrorIds.DestinationFull);
    }

    [Theory]
    [InlineData("readOnly")]
    [InlineData("none")]
    public async Task A_datastore_that_a_host_cannot_write_to_is_not_chosen_for_it(string mount)
    {
        await server.ControlAsync("/datastore", $$"""{"Name":"big","Host":"{{SimulatorFixture.Host}}","Mount":"{{mount}}"}""");
        await using var destination = await ConnectAsync();
        var machine = Samples.Machine() with { Placement = new PlacementSettings { VMHost = SimulatorFixture.Host } };
        var made = await destination.CreateAsync(machine, Samples.Settings(), image, "c-1", None);
        Assert.DoesNotContain("[big]", made.Location);
        var refused = await destination.TestAsync(
            machine with
            {
                Name = "web02",
                Placement = machine.Placement with { Datastore = "big" },
            },
            None
        );
        Assert.Contains(refused, finding => finding.Id == ErrorIds.InventoryItemNotFound && finding.What.Contains("'big'"));

        // Its cluster has a host that can.
        var elsewhere = await destination.CreateAsync(Samples.Machine("web03"), Samples.Settings("c-3"), image, "c-3", None);
        Assert.Contains("[big]", elsewhere.Location);
    }

    [Fact]
    public async Task A_question_that_a_VM_stands_still_for_is_passed_on()
    {
        await using var destination = await VSphereDestination.ConnectAsync(
            server.Options with
            {
                HelperTimeout = TimeSpan.FromSeconds(3),
            },
            NullConsole.Instance,
            None
        );
        var made = await destination.CreateAsync(Samples.Machine(), Samples.Settings(), image, "c-1", None);
        await destination.PowerOnAsync(made.Id, None);
        Assert.Null((await destination.GetAsync(made.Id, None)).Question);
        await server.ControlAsync(
            "/vm",
            """{"Name":"web01","Action":"ask","Line":"There is no more space for virtual disk web01.vmdk."}"""
        );
        Assert.Equal("There is no more space for virtual disk web01.vmdk.", (await destination.GetAsync(made.Id, None)).Question);
        var silent = await Assert.ThrowsAsync<P2VException>(() => destination.AttachHelperAsync(made.Id, Samples.Settings(), None));
        Assert.Contains("no more space", silent.Message);
    }

    private static MachineSpecification Thin(string datastore, int gigabytes) =>
        Samples.Machine() with
        {
            Disks =
            [
                new(gigabytes * Samples.Gigabyte, new DiskAddress(DiskController.Pvscsi, 0, 0), DiskFormat.Thin)
                {
                    UsedBytes = gigabytes * Samples.Gigabyte,
                },
            ],
            Placement = new PlacementSettings { VMHost = SimulatorFixture.Cluster, Datastore = datastore },
        };

    private async Task<(DestinationMachine? Machine, P2VException? Error)> CreateAsync(
        VSphereDestination destination,
        MachineSpecification machine,
        string conversion
    )
    {
        try
        {
            return (await destination.CreateAsync(machine, Samples.Settings(conversion), image, conversion, None), null);
        }
        catch (P2VException exception)
        {
            return (null, exception);
        }
    }

    private Task<VSphereDestination> ConnectAsync() => VSphereDestination.ConnectAsync(server.Options, NullConsole.Instance, None);
}
