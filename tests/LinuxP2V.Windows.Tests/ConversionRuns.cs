using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.VSphere;
using LinuxP2V.Windows.Tests.Source;
using LinuxP2V.Windows.Tests.Support;

namespace LinuxP2V.Windows.Tests;

/// <summary>
/// Scripts/Conversion.ps1 and, as a second process, Scripts/Other.ps1 in PowerShell for Windows, with the lab's vCenter,
/// whose VMs boot the packaged helper image.
/// </summary>
public sealed class ConversionRuns(WindowsFixture windows) : IAsyncLifetime
{
    private const string First = "Conversion";
    private const string Other = "Other";

    /// <summary>Each process waits for the other in them: they count when both came to their end.</summary>
    private static readonly string[] CommonSteps =
    [
        "start",
        "wait",
        "other: running",
        "other: remove what runs",
        "other: stop what runs",
        "other: stop what rests",
        "other: remove",
    ];

    private readonly List<VSphereLabState> withHelper = [];
    private readonly List<VSphereLabState> afterwards = [];
    private readonly List<string> leftMachines = [];

    public JudgedRuns Runs { get; private set; } = null!;

    /// <summary>The vCenter when the helper was ready, of each run that came so far.</summary>
    public IReadOnlyList<VSphereLabState> WithHelper => withHelper;

    /// <summary>The vCenter at the end of each run that came to its end.</summary>
    public IReadOnlyList<VSphereLabState> Afterwards => afterwards;

    /// <summary>VMs of a run that came to its end, though it removed them.</summary>
    public IReadOnlyList<string> LeftMachines => leftMachines;

    public async Task InitializeAsync()
    {
        var scratch = new ScratchFolder("windows-conversion");
        var keys = await KeyFiles.MakeAsync(scratch.Of("keys"));
        // The helper reaches the source by the same address as the engine.
        await using var address = await LoopbackAddress.TakeAsync(CancellationToken.None);
        using var source = await TestDaemon.StartAsync(scratch.Of("sshd"), keys, RecordedMachine.Command, host: address.Address);
        await using var lab = await VSphereLab.StartAsync(new VSphereLabOptions { Folder = scratch.Of("vsphere") });
        var user = lab.UserWith("Administrator");
        Runs = await JudgedRuns.MakeAsync(async run =>
        {
            windows.ForgetUser();
            var folder = Directory.CreateDirectory(scratch.Of($"run{run}")).FullName;
            return await RunAsync(
                lab,
                folder,
                new Dictionary<string, string>
                {
                    ["P2V_RUN"] = $"{run}",
                    ["P2V_FOLDER"] = Wine.PathOf(Path.Combine(folder, "files of the script")),
                    ["P2V_KEY"] = Wine.PathOf(keys.Plain),
                    ["P2V_SOURCE"] = source.Host,
                    ["P2V_SOURCE_PORT"] = $"{source.Port}",
                    ["P2V_SERVER_PORT"] = $"{lab.Port}",
                    ["P2V_SERVER_USER"] = user.Name,
                    ["P2V_SERVER_PASSWORD"] = user.Password,
                    ["P2V_SERVER_THUMBPRINT"] = lab.ThumbprintSha256,
                    ["P2V_READY"] = Wine.PathOf(Path.Combine(folder, "ready")),
                }
            );
        });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private async Task<ScriptRun> RunAsync(VSphereLab lab, string folder, Dictionary<string, string> settings)
    {
        var script = new PowerShellScript(windows);
        var running = script.RunAsync(First, folder, settings);
        while (!running.IsCompleted && !PowerShellScript.HasRecorded("helper", First, folder))
        {
            await Task.WhenAny(running, Task.Delay(500));
        }

        if (running.IsCompleted)
        {
            return await running;
        }

        withHelper.Add(await lab.Control.StateAsync());
        var other = await script.RunAsync(Other, folder, settings);
        var first = await running;
        if (first.IsWhole && other.IsWhole)
        {
            var state = await lab.Control.StateAsync();
            afterwards.Add(state);
            leftMachines.AddRange(
                state.Vms.Select(vm => vm.Name).Where(name => name.EndsWith($"-{settings["P2V_RUN"]}", StringComparison.Ordinal))
            );
            return new ScriptRun([.. first.Steps, .. other.Steps], null);
        }

        var steps = first.Steps.Concat(other.Steps).Where(step => !CommonSteps.Contains(step.Name));
        return new ScriptRun([.. steps], string.Join("; ", new[] { first.Death, other.Death }.OfType<string>()));
    }
}
