using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Tests.Shared;
using LinuxP2V.Windows.Tests.Source;
using LinuxP2V.Windows.Tests.Support;

namespace LinuxP2V.Windows.Tests;

/// <summary>Scripts/Source.ps1 in PowerShell for Windows, against this machine's own sshd and one that plays a whole machine.</summary>
public sealed class SourceRuns(WindowsFixture windows) : IAsyncLifetime
{
    public JudgedRuns Runs { get; private set; } = null!;

    /// <summary>The recorded machine as the engine on Linux read it.</summary>
    public DiscoveredSource Recorded { get; private set; } = null!;

    /// <summary>Of this machine's sshd.</summary>
    public string Fingerprint { get; private set; } = "";

    public int Port { get; private set; }

    public string KnownHosts => Path.Combine(windows.Wine.Profile, ".ssh", "known_hosts");

    public async Task InitializeAsync()
    {
        var scratch = new ScratchFolder("windows-source");
        var keys = await KeyFiles.MakeAsync(scratch.Of("keys"));
        using var real = await TestDaemon.StartAsync(scratch.Of("real"), keys);
        using var recorded = await TestDaemon.StartAsync(scratch.Of("recorded"), keys, RecordedMachine.Command);
        using var user = new TestUser();
        user.AllowSudo("ALL=(ALL) ALL");
        (Port, Fingerprint) = (real.Port, real.Fingerprint);
        Recorded = await SourceDiscovery.ReadAsync(
            recorded.Options(),
            new SourceSecrets { PrivateKey = await File.ReadAllTextAsync(keys.Plain) },
            NullConsole.Instance,
            CancellationToken.None
        );

        var settings = new Dictionary<string, string>
        {
            ["P2V_KEYS"] = Wine.PathOf(keys.Folder),
            ["P2V_SOURCE_PORT"] = $"{real.Port}",
            ["P2V_RECORDED_PORT"] = $"{recorded.Port}",
            ["P2V_CLOSED_PORT"] = $"{LoopbackPort.FindFree()}",
            ["P2V_PASSPHRASE"] = KeyFiles.Passphrase,
            ["P2V_USER"] = user.Name,
            ["P2V_PASSWORD"] = user.Password,
        };
        Runs = await JudgedRuns.MakeAsync(run =>
        {
            windows.ForgetUser();
            return new PowerShellScript(windows).RunAsync("Source", Directory.CreateDirectory(scratch.Of($"run{run}")).FullName, settings);
        });
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
