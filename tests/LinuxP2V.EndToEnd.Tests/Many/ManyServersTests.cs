using System.Diagnostics;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Lab;
using LinuxP2V.Lab.VSphere;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests.Many;

/// <summary>
/// Two hundred conversions by one engine to three simulated vCenters of 64 hosts each; LINUXP2V_MANY has another number of
/// them, as 1000. The figures are in docs/vsphere.md.
/// </summary>
[Trait("Area", "Conversions")]
[Trait("Run", "Full")]
public sealed class ManyServersTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Servers = 3;
    private const int HostsOfServer = 64;
    private const long MemoryLimit = 600L << 20;
    private const int CallsAMinute = 60;
    private static readonly int Count = int.TryParse(Environment.GetEnvironmentVariable("LINUXP2V_MANY"), out var count) ? count : 200;
    private static readonly TimeSpan ListingLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource limit = new(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(3 * Count));
    private readonly List<VSphereLab> labs = [];
    private readonly List<VSphereDestination> destinations = [];
    private string image = "";
    private LoadSource? source;
    private ConversionManager manager = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await DisconnectAsync();
        foreach (var lab in labs)
        {
            await lab.DisposeAsync();
        }

        if (source is not null)
        {
            await source.DisposeAsync();
        }

        limit.Dispose();
    }

    [Fact]
    public async Task Conversions_to_three_vCenters_end_right()
    {
        Assert.True(File.Exists(Path.Combine(LabPaths.Lab, "agent", "linuxp2v-agent")), "There is no agent: ./build.sh iso makes it.");
        await StartAsync("servers", LoadSource.Script("agent.sh"));
        var limits = new ThrottleLimits(Total: 12, PerHost: 3, PerDatastore: 4);
        var clock = Stopwatch.StartNew();
        var ids = DriveAll(limits);
        var monitor = new LoadMonitor(labs, manager);
        await monitor.RunAsync(
            conversions =>
                conversions.Any(c => c.State == ConversionState.Failed)
                || (conversions.All(c => c.State == ConversionState.Completed) && !ids.Any(manager.IsDriven)),
            limit.Token
        );

        Assert.Empty(ids.Select(manager.Get).Where(c => c.State != ConversionState.Completed).Select(c => $"{c.Task.Name}: {c.Error}"));
        var states = await Task.WhenAll(labs.Select(lab => lab.Control.StateAsync(limit.Token)));
        output.WriteLine(
            $"{Count} conversions in {clock.Elapsed.TotalSeconds:F0} s, {monitor.MostMemoryBytes >> 20} MB at most, "
                + $"slowest of {monitor.Listings} listings {monitor.SlowestListing.TotalMilliseconds:F0} ms, "
                + $"{monitor.MostRunning} VMs at a time on {monitor.MachinesOfHosts.Count} hosts, "
                + $"{states.Sum(state => state.Calls.Values.Sum()) / Count} calls for each"
        );
        Assert.All(states, state => Assert.InRange(state.Vms.Count, Count / Servers, (Count / Servers) + 1));
        Assert.All(states.SelectMany(state => state.Vms), vm => Assert.Equal(("poweredOff", 0), (vm.Power, vm.ProcessId)));
        Assert.All(states, state => Assert.Empty(state.Refused));
        Assert.InRange(monitor.MostRunning, 2, limits.Total);
        Assert.All(monitor.MostOnHosts, host => Assert.InRange(host.Value, 1, limits.PerHost));
        Assert.All(monitor.MostOnDatastores, datastore => Assert.InRange(datastore.Value, 1, limits.PerDatastore));
        // While hosts are free none gets a second one.
        Assert.InRange(monitor.MachinesOfHosts.Count, Math.Min(Count, limits.Total), Servers * HostsOfServer);
        // How long a listing took is told, not judged: the agents and the simulators take all of this machine.
        Assert.InRange(monitor.MostMemoryBytes, 1, MemoryLimit);

        await DisconnectAsync();
        Assert.All(await Task.WhenAll(labs.Select(lab => lab.Control.StateAsync())), state => Assert.Empty(state.Sessions));
        Assert.All(labs, lab => Assert.Empty(LoadServer.Connections(lab)));
        foreach (var vm in states.SelectMany(state => state.Vms).Where((_, index) => index % 40 == 0))
        {
            Assert.Equal(source!.Tree, await LoadSource.TreeOfCopyAsync(vm));
        }
    }

    [Fact]
    public async Task Waiting_helpers_and_queued_conversions_cost_next_to_nothing_and_all_are_stopped_at_once()
    {
        await StartAsync("waiting", agentCommand: null);
        var limits = new ThrottleLimits(Total: Math.Min(Count * 6 / 10, 240), PerHost: 4, PerDatastore: 100);
        var ids = DriveAll(limits);
        var monitor = new LoadMonitor(labs, manager);
        await UntilAsync(conversions => conversions.Count(c => c.State == ConversionState.DeployingHelper) == limits.Total);
        // Their last calls are those that make them wait.
        var before = await CallsAsync();
        for (var after = before; ; before = after)
        {
            await Task.Delay(TimeSpan.FromSeconds(3), limit.Token);
            after = await CallsAsync();
            if (after.Zip(before).All(pair => pair.First.Values.Sum() - pair.Second.Values.Sum() < 10))
            {
                break;
            }
        }

        using var self = Process.GetCurrentProcess();
        before = await CallsAsync();
        var (clock, work) = (Stopwatch.StartNew(), self.TotalProcessorTime);
        await Task.Delay(Rest, limit.Token);
        self.Refresh();
        work = self.TotalProcessorTime - work;
        var perMinute = (await CallsAsync()).Zip(before).Select(pair => pair.First.Values.Sum() - pair.Second.Values.Sum()).ToList();

        Assert.Equal(Count, monitor.Measure().Count);
        clock.Restart();
        var stopped = await Task.WhenAll(ids.Select(id => manager.StopAsync(id, limit.Token)));
        clock.Stop();
        monitor.Measure();

        output.WriteLine(
            $"{limits.Total} helpers wait, {Count - limits.Total} conversions are queued: "
                + $"{string.Join(", ", perMinute)} calls a minute, {work.TotalSeconds:F1} s of processor time in a minute, "
                + $"{monitor.MostMemoryBytes >> 20} MB, slowest listing {monitor.SlowestListing.TotalMilliseconds:F0} ms, "
                + $"all stopped in {clock.Elapsed.TotalSeconds:F1} s"
        );
        Assert.All(perMinute, calls => Assert.InRange(calls, 1, CallsAMinute));
        Assert.InRange(work, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        Assert.All(stopped, conversion => Assert.Equal(ConversionState.Stopped, conversion.State));
        // A few take the places of those that stop before they are stopped themselves.
        var queued = Count - limits.Total;
        Assert.InRange(stopped.Count(conversion => conversion.InterruptedState == ConversionState.Queued), queued * 9 / 10, queued);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, StopLimit);
        Assert.InRange(monitor.MostMemoryBytes, 1, MemoryLimit);
        Assert.InRange(monitor.SlowestListing, TimeSpan.Zero, ListingLimit);
    }

    private async Task StartAsync(string name, string? agentCommand)
    {
        var folder = await FreshFolder.MakeAsync(name);
        Environment.SetEnvironmentVariable(StateFolder.OverrideVariable, Path.Combine(folder, "state"));
        image = Path.Combine(folder, "helper.iso");
        await File.WriteAllTextAsync(image, "No guest boots it.");
        source = await LoadSource.StartAsync(Path.Combine(folder, "source"));
        manager = ConversionManager.ForUser();
        // Each has an inventory of its own, whose making takes seconds.
        labs.AddRange(
            await Task.WhenAll(
                Enumerable
                    .Range(1, Servers)
                    .Select(number => LoadServer.StartAsync(Path.Combine(folder, $"vsphere{number}"), HostsOfServer, agentCommand))
            )
        );
        foreach (var lab in labs)
        {
            destinations.Add(await LoadServer.ConnectAsync(lab, limit.Token));
        }
    }

    private async Task DisconnectAsync()
    {
        foreach (var destination in destinations)
        {
            await destination.DisposeAsync();
        }

        destinations.Clear();
    }

    private List<string> DriveAll(ThrottleLimits limits)
    {
        var ids = new List<string>();
        foreach (var number in Enumerable.Range(0, Count))
        {
            var destination = destinations[number % Servers];
            var id = manager.Create(LoadServer.Plan(source!, destination, $"load{number:0000}")).Id;
            manager.Drive(id, destination, source!.Secrets, new DriveOptions(image), NullConsole.Instance, limits);
            ids.Add(id);
        }

        return ids;
    }

    private async Task UntilAsync(Func<IReadOnlyList<Conversion>, bool> isEnough)
    {
        while (!isEnough(manager.List()))
        {
            Assert.Empty(manager.List().Where(c => c.State == ConversionState.Failed).Select(c => $"{c.Task.Name}: {c.Error}"));
            await Task.Delay(Pause, limit.Token);
        }
    }

    private async Task<IReadOnlyList<IReadOnlyDictionary<string, int>>> CallsAsync() =>
        [.. (await Task.WhenAll(labs.Select(lab => lab.Control.StateAsync(limit.Token)))).Select(state => state.Calls)];
}
