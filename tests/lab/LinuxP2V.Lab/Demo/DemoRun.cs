using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.Lab.Demo;

/// <summary>The whole story for someone who looks on: a source, its conversion by script, the copy booted alone.</summary>
public static class DemoRun
{
    public static async Task<int> RunAsync(string sourceMachine, bool isOnVSphere, CancellationToken cancellationToken)
    {
        var folder = LabPaths.Run($"demo-{sourceMachine}");
        var phases = new List<KeyValuePair<string, TimeSpan>>();
        var whole = Stopwatch.StartNew();
        try
        {
            await StopLeftoversAsync(folder);
            await using DemoDestination destination = isOnVSphere
                ? await Phase("start a vCenter", () => VSphereDemo.StartAsync(folder, Console.WriteLine, cancellationToken))
                : new LocalDemo(folder);
            var image = await Phase(
                "make the source machine's disks",
                () => SourceImage.GetAsync(sourceMachine, Console.WriteLine, cancellationToken)
            );
            var source = await Phase(
                "boot the source",
                async () =>
                {
                    var machine = await SourceMachine.StartAsync(
                        image,
                        Path.Combine(folder, "source"),
                        cancellationToken,
                        destination.SourceHost
                    );
                    await machine.WaitForSshAsync(cancellationToken);
                    return machine;
                }
            );
            Console.WriteLine($"The source is a running Debian 12: ssh -i {source.KeyFile} -p {source.Port} root@{source.Host}");
            var before = await Phase("let the source describe itself", () => MachineDescription.ReadAsync(source.Root, cancellationToken));
            var conversion = await Phase("convert", () => destination.ConvertAsync(source, "web01-copy", cancellationToken));
            foreach (var phase in conversion.Phases)
            {
                phases.Add(KeyValuePair.Create($"  {phase.State}", phase.Duration));
            }

            await source.StopAsync();
            Console.WriteLine("== The source is off: the copy boots alone.");
            var proof = await Phase(
                "boot the copy and compare",
                () => destination.ProveAsync(conversion, image, before, cancellationToken)
            );
            Report(conversion, proof, phases, whole.Elapsed);
            return proof.IsProven ? 0 : 1;
        }
        finally
        {
            // A conversion that failed leaves its helper VM running, for a resume that a demo does not have.
            await QemuMachine.KillAllBelowAsync(folder, CancellationToken.None);
        }

        async Task<T> Phase<T>(string name, Func<Task<T>> work)
        {
            Console.WriteLine($"== {name}");
            var clock = Stopwatch.StartNew();
            var result = await work();
            phases.Add(KeyValuePair.Create(name, clock.Elapsed));
            return result;
        }
    }

    private static void Report(
        Conversion conversion,
        CopyProof.Result proof,
        IEnumerable<KeyValuePair<string, TimeSpan>> phases,
        TimeSpan whole
    )
    {
        Console.WriteLine();
        Print(proof.Table());
        Console.WriteLine();
        Print(
            TextTable.Format(["phase", "seconds"], [.. phases.Select(p => (string[])[p.Key, Seconds(p.Value)]), ["in all", Seconds(whole)]])
        );
        Console.WriteLine();
        if (!proof.IsProven)
        {
            Console.Error.WriteLine($"The copy is not what the source was:\n{proof.Reason()}");
            return;
        }

        Console.WriteLine($"Proven: the copy booted alone in {Seconds(proof.Boot)} s, took the source's key and equals it.");
        Console.WriteLine($"The VM:    {conversion.Location}");
        if (conversion.StartCommand is { } start)
        {
            Console.WriteLine($"Start it:  {start}");
        }
    }

    /// <summary>A former run may have been killed: its machines, conversions and VMs go.</summary>
    private static async Task StopLeftoversAsync(string folder)
    {
        await QemuMachine.KillAllBelowAsync(folder);
        foreach (var left in Directory.EnumerateDirectories(folder))
        {
            Directory.Delete(left, recursive: true);
        }

        File.Delete(Path.Combine(folder, "known_hosts"));
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);

    private static void Print(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Console.WriteLine(line);
        }
    }
}
