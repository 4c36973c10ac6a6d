using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>The places that a conversion chooses from, against the simulator.</summary>
public sealed class PlacesTests : IDisposable
{
    private readonly SimulatorFixture lab = SimulatorFixture.VCenter();
    private readonly string image = Path.GetTempFileName();

    // Nothing boots it.
    public PlacesTests() => File.WriteAllText(image, "helper");

    public void Dispose()
    {
        lab.Dispose();
        File.Delete(image);
    }

    [Fact]
    public async Task A_cluster_offers_each_of_its_hosts_with_each_datastore_that_has_the_room()
    {
        using var destination = await ConnectAsync();
        var machine = Samples.Machine() with { Placement = new PlacementSettings { VMHost = "*cluster*" } };
        var places = await destination.FindPlacesAsync(machine, null, CancellationToken.None);

        Assert.Equal(2, places.Select(place => place.Host).Distinct().Count());
        Assert.True(places.Select(place => place.Datastores.Single()).Distinct().Count() >= 2);
        Assert.Equal(places.Count, places.Select(place => (place.Host, place.Datastores[0])).Distinct().Count());
        Assert.All(places, place => Assert.StartsWith("HostSystem-", place.Placement.VMHost, StringComparison.Ordinal));

        // What it offers can be taken as it stands, and nothing else comes of it.
        foreach (var place in places)
            Assert.Equal(
                [place],
                await destination.FindPlacesAsync(machine with { Placement = place.Placement }, null, CancellationToken.None),
                Same
            );
    }

    [Fact]
    public async Task A_VM_that_was_made_is_where_it_was_put_and_the_next_is_offered_the_other_host_first()
    {
        using var destination = await ConnectAsync();
        var machine = Samples.Machine() with { Placement = new PlacementSettings { VMHost = "*cluster*" } };
        var places = await destination.FindPlacesAsync(machine, null, CancellationToken.None);
        var taken = places.Last(place => place.Host == places[0].Host);
        var made = await destination.CreateAsync(
            machine with
            {
                Placement = taken.Placement,
            },
            Samples.Settings(),
            image,
            "c-1",
            CancellationToken.None
        );

        var here = Assert.Single(await destination.FindPlacesAsync(machine, made.Id, CancellationToken.None));
        Assert.Equal(taken.Host, here.Host);
        Assert.Equal(taken.Datastores, here.Datastores);
        Assert.NotEqual(taken.Host, (await destination.FindPlacesAsync(machine, null, CancellationToken.None))[0].Host);

        await destination.DeleteAsync(made.Id, CancellationToken.None);
        Assert.Empty(await destination.FindPlacesAsync(machine, made.Id, CancellationToken.None));
        Assert.Equal(places[0].Host, (await destination.FindPlacesAsync(machine, null, CancellationToken.None))[0].Host);
    }

    [Fact]
    public async Task What_goes_nowhere_is_offered_nothing()
    {
        using var destination = await ConnectAsync();
        var machine = Samples.Machine() with { Placement = new PlacementSettings { VMHost = "no-such-host" } };
        Assert.Empty(await destination.FindPlacesAsync(machine, null, CancellationToken.None));
    }

    private static bool Same(MachinePlace one, MachinePlace other) =>
        one.Placement == other.Placement && one.Host == other.Host && one.Datastores.SequenceEqual(other.Datastores);

    private Task<VSphereDestination> ConnectAsync() =>
        VSphereDestination.ConnectAsync(lab.Options, NullConsole.Instance, CancellationToken.None);
}
