using System.Diagnostics;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.VSphere;

namespace LinuxP2V.EndToEnd.Tests.Many;

/// <summary>Looks again and again, from outside the engine, at what a run does to this process and to the servers.</summary>
internal sealed class LoadMonitor(IReadOnlyList<VSphereLab> labs, ConversionManager manager)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, int> most = [];
    private readonly Dictionary<string, string> hostOfMachine = [];

    public long MostMemoryBytes { get; private set; }

    public TimeSpan SlowestListing { get; private set; }

    public int Listings { get; private set; }

    /// <summary>The most VMs that ran at a time.</summary>
    public int MostRunning => most.GetValueOrDefault("all");

    /// <summary>Hosts by server and id, and the most VMs that ran on each at a time.</summary>
    public IReadOnlyDictionary<string, int> MostOnHosts => Select("host:");

    public IReadOnlyDictionary<string, int> MostOnDatastores => Select("datastore:");

    /// <summary>How many of all VMs each host got.</summary>
    public IReadOnlyDictionary<string, int> MachinesOfHosts => hostOfMachine.Values.CountBy(host => host).ToDictionary();

    /// <summary>Until no conversion is left that could go on.</summary>
    public async Task RunAsync(Func<IReadOnlyList<Conversion>, bool> isOver, CancellationToken cancellationToken)
    {
        while (true)
        {
            var conversions = Measure();
            var states = await Task.WhenAll(labs.Select(lab => lab.Control.StateAsync(cancellationToken)));
            // A stopped one's helper stays on, but its place is free: only who ran before and after the look counts.
            var atWork = conversions
                .Concat(manager.List())
                .Where(c => c.State is not (ConversionState.Queued or ConversionState.Stopped))
                .CountBy(c => c.Task.Name)
                .Where(pair => pair.Value == 2)
                .Select(pair => pair.Key)
                .ToHashSet();
            Look(states, atWork);
            if (isOver(conversions))
            {
                return;
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Takes the time of a listing, and the memory of this process.</summary>
    public IReadOnlyList<Conversion> Measure()
    {
        var clock = Stopwatch.StartNew();
        var conversions = manager.List();
        SlowestListing = clock.Elapsed > SlowestListing ? clock.Elapsed : SlowestListing;
        Listings++;
        using var self = Process.GetCurrentProcess();
        MostMemoryBytes = Math.Max(MostMemoryBytes, self.WorkingSet64);
        return conversions;
    }

    private void Look(IReadOnlyList<VSphereLabState> states, HashSet<string> atWork)
    {
        var all = 0;
        foreach (var (server, state) in states.Index())
        {
            var running = state.Vms.Where(vm => vm.Power == "poweredOn" && atWork.Contains(vm.Name)).ToList();
            all += running.Count;
            foreach (var (host, count) in running.CountBy(vm => vm.Host))
            {
                Note($"host:{server}/{host}", count);
            }

            foreach (
                var (datastore, count) in running.CountBy(vm =>
                    state.Datastores.First(store => vm.Folder.StartsWith(store.Folder, StringComparison.Ordinal)).Name
                )
            )
            {
                Note($"datastore:{server}/{datastore}", count);
            }

            foreach (var vm in state.Vms)
            {
                hostOfMachine[vm.Name] = $"{server}/{vm.Host}";
            }
        }

        Note("all", all);
    }

    private void Note(string key, int count) => most[key] = Math.Max(most.GetValueOrDefault(key), count);

    private Dictionary<string, int> Select(string prefix) =>
        most.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
}
