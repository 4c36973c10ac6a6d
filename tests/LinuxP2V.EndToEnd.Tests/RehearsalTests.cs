using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// Twins of a real copy: one that boots while a pass runs, one that does not, and one whose engine is killed. Afterwards
/// nothing is left of them, and the copy equals its source.
/// </summary>
[Trait("Area", "Conversions")]
[Trait("Run", "Full")]
[Collection(SourceTestGroup.Name)]
public sealed class RehearsalTests(SourceFixture lab) : IAsyncLifetime
{
    private const string DefaultTarget = "/etc/systemd/system/default.target";
    private const string Twin = "rehearsed-rehearsal";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private static readonly ConversionGoal Pass = ConversionGoal.To(ConversionState.Synchronized) with { Sync = SyncChoice.Always };

    private readonly string folder = Path.Combine(lab.Folder, "rehearsal");
    private readonly SourceSecrets secrets = new() { PrivateKey = File.ReadAllText(lab.Source.KeyFile) };

    private string Machines => Path.Combine(folder, "vms");

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(folder);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await lab.Source.Root.RunAsync($"rm -f {DefaultTarget}", CancellationToken.None);
        await QemuMachine.KillAllBelowAsync(folder);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_copy_is_rehearsed_and_stays_what_it_is()
    {
        var run = new EngineRun(folder);
        var source = await SourceDiscovery.ReadAsync(lab.Options("root"), secrets, NullConsole.Instance, CancellationToken.None);
        var id = run.Manager.Create(run.Plan(source, "rehearsed")).Id;
        await DriveAsync(run, id, ConversionGoal.To(ConversionState.Synchronized));

        var rehearsal = RehearseAsync(run, id);
        await UntilAsync(() => File.Exists(Path.Combine(Machines, Twin, "disk-0.qcow2")), rehearsal);
        await lab.Source.Root.RunAsync("date > /var/tmp/written-meanwhile", CancellationToken.None);
        await DriveAsync(run, id, Pass);
        var result = await rehearsal;
        Assert.True(result.Booted, result.Reason);
        Assert.Equal("running", result.SystemState);
        Assert.Equal(
            ["UserSpace", "SystemUp"],
            result.Stages.Select(stage => stage.Name).Where(name => name.StartsWith('U') || name == "SystemUp")
        );
        Assert.Contains(result.Addresses, address => address.EndsWith(" 10.0.2.15/24", StringComparison.Ordinal));
        AssertPicture(result);
        AssertNoTwin();

        await DriveAsync(run, id, Pass with { Sync = SyncChoice.IfBroken, VerifyPercent = 100 });
        var verification = run.Manager.Get(id).Verification!;
        Assert.Equal((0L, true), (verification.Counts.Wrong, verification.IsComplete));

        await lab.Source.Root.RunAsync($"ln -sf /lib/systemd/system/emergency.target {DefaultTarget}", CancellationToken.None);
        await DriveAsync(run, id, Pass);
        result = await RehearseAsync(run, id);
        Assert.False(result.Booted);
        Assert.Contains("emergency mode", result.Reason, StringComparison.Ordinal);
        AssertPicture(result);
        AssertNoTwin();

        await KillRehearsalAsync();
        Assert.True(File.Exists(Path.Combine(Machines, Twin, "vm.json")));
        await DriveAsync(run, id, Pass);
        AssertNoTwin();
    }

    private async Task DriveAsync(EngineRun run, string id, ConversionGoal goal)
    {
        run.Drive(id, secrets, goal: goal);
        var end = await run.WaitAsync(id, Limit);
        Assert.True(end.State == ConversionState.Synchronized, end.Error?.ToString());
    }

    private static Task<Rehearsal> RehearseAsync(EngineRun run, string id) =>
        run.Manager.RehearseAsync(
            id,
            run.Destination,
            new RehearsalOptions(),
            new DriveOptions(EngineRun.HelperImage),
            NullConsole.Instance,
            null,
            CancellationToken.None
        );

    /// <summary>In a PowerShell of its own, whose process ends without a word while the twin boots.</summary>
    private async Task KillRehearsalAsync()
    {
        var script = Path.Combine(LabPaths.Repository, "tests", "LinuxP2V.EndToEnd.Tests", "rehearse.ps1");
        var pidFile = Path.Combine(folder, "rehearse.pid");
        var start = new ProcessStartInfo(
            LabPaths.PowerShell,
            ["-NoProfile", "-NonInteractive", "-File", script, "-LocalPath", Machines, "-PidFile", pidFile]
        );
        foreach (var (name, value) in LabEnvironment.For(Path.Combine(folder, "state")))
            start.Environment[name] = value;

        using var shell = Process.Start(start)!;
        await UntilAsync(() => File.Exists(Path.Combine(Machines, Twin, "console.log")), shell.WaitForExitAsync());
        using (var engine = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(pidFile), CultureInfo.InvariantCulture)))
            engine.Kill();

        await shell.WaitForExitAsync();
    }

    private static void AssertPicture(Rehearsal result) =>
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Assert.Single(result.Screenshots)).Take(4));

    private void AssertNoTwin()
    {
        Assert.Equal(["rehearsed"], Directory.EnumerateDirectories(Machines).Select(path => Path.GetFileName(path)));
        Assert.Empty(Directory.EnumerateDirectories("/tmp", "linuxp2v-twin-*"));
    }

    /// <param name="work">Which must not end before.</param>
    private static async Task UntilAsync(Func<bool> condition, Task work)
    {
        var limit = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.False(work.IsCompleted, "It ended too early.");
            Assert.True(limit.Elapsed < Limit, "Waited in vain.");
            await Task.Delay(500);
        }
    }
}
