using System.Diagnostics;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab;
using LinuxP2V.Lab.VSphere;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests.Many;

/// <summary>
/// Many conversions by one engine: real tasks, a simulated vCenter of few hosts, and for each VM the real agent behind an
/// sshd of its own, on the VM's own disk files. Only the guests' kernels are missing.
/// </summary>
[Trait("Area", "Conversions")]
[Trait("Run", "Full")]
public sealed class ManyConversionsTests(ITestOutputHelper output)
{
    private const long MemoryLimit = 400L << 20;

    private const int Count = 40;
    private static readonly ThrottleLimits Limits = new(Total: 10, PerHost: 3, PerDatastore: 4);
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task Many_conversions_end_right_within_their_limits_and_leave_nothing_open()
    {
        Assert.True(File.Exists(Path.Combine(LabPaths.Lab, "agent", "linuxp2v-agent")), "There is no agent: ./build.sh iso makes it.");
        var folder = await FreshFolder.MakeAsync("many");
        Environment.SetEnvironmentVariable(StateFolder.OverrideVariable, Path.Combine(folder, "state"));
        var image = Path.Combine(folder, "helper.iso");
        await File.WriteAllTextAsync(image, "No guest boots it.");
        await using var source = await LoadSource.StartAsync(Path.Combine(folder, "source"));
        await using var lab = await VSphereLab.StartAsync(
            new VSphereLabOptions
            {
                Folder = Path.Combine(folder, "vsphere"),
                WithoutQemu = true,
                AgentCommand = LoadSource.Script("agent.sh"),
                Hosts = 4,
                Datastores = ["load1=50", "load2=50", "load3=50"],
            }
        );
        var manager = ConversionManager.ForUser();
        var clock = Stopwatch.StartNew();
        LoadMonitor monitor;
        using (var limit = new CancellationTokenSource(Timeout))
        {
            await using var destination = await LoadServer.ConnectAsync(lab, limit.Token);
            var ids = Enumerable
                .Range(1, Count)
                .Select(number => manager.Create(LoadServer.Plan(source, destination, $"load{number:000}")).Id)
                .ToList();
            foreach (var id in ids)
            {
                Drive(id);
            }

            monitor = new LoadMonitor([lab], manager);
            var interrupting = InterruptTwoAsync(manager, Drive, limit.Token);
            await monitor.RunAsync(
                conversions =>
                    conversions.Any(c => c.State == ConversionState.Failed)
                    || (interrupting.IsCompleted && conversions.All(c => IsOver(c.State)) && !conversions.Any(c => manager.IsDriven(c.Id))),
                limit.Token
            );
            Assert.Empty(manager.List().Where(c => c.State == ConversionState.Failed).Select(c => $"{c.Task.Name}: {c.Error}"));
            await interrupting;
            await JudgeAsync(manager, lab, ids, limit.Token);

            void Drive(string id) => manager.Drive(id, destination, source.Secrets, new DriveOptions(image), NullConsole.Instance, Limits);
        }

        output.WriteLine(
            $"{clock.Elapsed.TotalSeconds:F0} s, {monitor.MostMemoryBytes >> 20} MB at most, "
                + $"slowest of {monitor.Listings} listings {monitor.SlowestListing.TotalMilliseconds:F0} ms, "
                + $"{monitor.MostRunning} VMs at a time, hosts {string.Join(' ', monitor.MachinesOfHosts.Values)}"
        );
        Assert.InRange(monitor.MostRunning, 2, Limits.Total);
        Assert.InRange(monitor.MostOnDatastores.Count, 2, 3);
        Assert.All(monitor.MostOnHosts, host => Assert.InRange(host.Value, 1, Limits.PerHost));
        Assert.All(monitor.MostOnDatastores, datastore => Assert.InRange(datastore.Value, 1, Limits.PerDatastore));
        Assert.Equal(4, monitor.MachinesOfHosts.Count);
        Assert.All(monitor.MachinesOfHosts, host => Assert.InRange(host.Value, Count / 4 * 6 / 10, Count / 4 * 14 / 10));
        Assert.InRange(monitor.MostMemoryBytes, 1, MemoryLimit);

        Assert.Empty((await lab.Control.StateAsync()).Sessions);
        Assert.Empty(LoadServer.Connections(lab));
        await CompareAsync(lab, source);
    }

    /// <summary>Stops two that run, one of them with its helper at work, and sets them going again.</summary>
    private static async Task InterruptTwoAsync(ConversionManager manager, Action<string> drive, CancellationToken cancellationToken)
    {
        var stopped = new HashSet<string>();
        foreach (
            var (from, to) in new[]
            {
                (ConversionState.DeployingHelper, ConversionState.DeployingHelper),
                (ConversionState.HelperReady, ConversionState.Copying),
            }
        )
        {
            var isDone = false;
            while (!isDone)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Delay(50, cancellationToken);
                if (manager.List().FirstOrDefault(c => c.State >= from && c.State <= to && !stopped.Contains(c.Id)) is not { } chosen)
                {
                    Assert.Contains(manager.List(), c => !IsOver(c.State));
                    continue;
                }

                var result = await manager.StopAsync(chosen.Id, cancellationToken);
                // One that was quicker than the stop is none of the two.
                isDone = result.State == ConversionState.Stopped;
                if (isDone)
                {
                    stopped.Add(chosen.Id);
                    drive(chosen.Id);
                }
            }
        }
    }

    private static async Task JudgeAsync(ConversionManager manager, VSphereLab lab, List<string> ids, CancellationToken cancellationToken)
    {
        var wrong = ids.Select(manager.Get)
            .Where(c => c.State != ConversionState.Completed)
            .Select(c => $"{c.Task.Name}: {c.State} {c.InterruptedState} {c.Error}")
            .ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} did not complete. {string.Join('\n', wrong.Take(5))}");
        Assert.Equal(2, ids.Select(manager.Get).Count(c => c.Attempt > 1));

        var state = await lab.Control.StateAsync(cancellationToken);
        Assert.Equal(Count, state.Vms.Count);
        Assert.All(state.Vms, vm => Assert.Equal(("poweredOff", 0), (vm.Power, vm.ProcessId)));
        Assert.Single(state.Sessions);
        Assert.Empty(state.Refused);
        // Of each kind, all that was made in the one session is gone, but the collector that the next wait would use. One
        // that is given up, as its waiting request was hung up on, takes with it the filters of who waited then.
        Assert.InRange(Calls("CreateFilter") - Calls("DestroyPropertyFilter"), 0, 2 * Limits.Total * Calls("DestroyPropertyCollector"));
        Assert.InRange(Calls("CreatePropertyCollector") - Calls("DestroyPropertyCollector"), 0, 1);
        Assert.Equal(Calls("CreateContainerView"), Calls("DestroyView"));

        int Calls(string method) => state.Calls.GetValueOrDefault(method);
    }

    private static async Task CompareAsync(VSphereLab lab, LoadSource source)
    {
        var state = await lab.Control.StateAsync();
        foreach (var vm in state.Vms.Where((_, index) => index % 10 == 0))
        {
            Assert.Equal(source.Tree, await LoadSource.TreeOfCopyAsync(vm));
        }
    }

    private static bool IsOver(ConversionState state) =>
        state is ConversionState.Completed or ConversionState.Failed or ConversionState.Stopped;
}
