using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Proof;

/// <summary>
/// The result, started by the script that came with it, as its owner would: its own disks and devices, no helper image,
/// nothing of the product's running. What it writes is thrown away, so that the proof changes nothing and can be repeated.
/// </summary>
public sealed class ConvertedMachine
{
    private static readonly TimeSpan RebootTimeout = TimeSpan.FromMinutes(20);

    private readonly string machineFolder;

    private ConvertedMachine(string machineFolder, SshLogin root)
    {
        this.machineFolder = machineFolder;
        Root = root;
    }

    public SshLogin Root { get; }

    /// <param name="machineFolder">The VM's folder, with its start.sh.</param>
    /// <param name="keyFile">The key that opened the source: the copy must take it too.</param>
    /// <param name="folder">For the proof's own files.</param>
    public static async Task<ConvertedMachine> StartAsync(
        string machineFolder,
        string keyFile,
        string folder,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(folder);
        var port = QemuMachine.FreePort();
        var environment = new Dictionary<string, string>
        {
            ["LINUXP2V_SSH_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["LINUXP2V_ACCELERATOR"] = "tcg",
        };
        var script = Path.Combine(machineFolder, "start.sh");
        var started = await Command.RunAsync(script, ["-snapshot", "-daemonize"], cancellationToken, environment: environment);
        started.OrThrow($"{script} did not start the VM");
        var knownHosts = Path.Combine(folder, "known_hosts");
        File.Delete(knownHosts);
        return new ConvertedMachine(machineFolder, new SshLogin(port, keyFile, knownHosts));
    }

    public Task<TimeSpan> WaitForSshAsync(CancellationToken cancellationToken) =>
        Root.WaitAsync(
            QemuMachine.FindBooting(machineFolder, Path.Combine(machineFolder, "console.log")),
            TimeSpan.FromMinutes(12),
            cancellationToken
        );

    /// <summary>Starts it again from inside. What it wrote is still there: only its end throws that away.</summary>
    /// <exception cref="LabException">It did not come back.</exception>
    public async Task<TimeSpan> RebootAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var before = await BootIdAsync(cancellationToken);
        // Behind the login's back, so that this does not hang on a connection that nobody closes.
        (await Root.RunAsync("(sleep 2; reboot) > /dev/null 2>&1 &", cancellationToken)).OrThrow("The copy was not told to start again");
        while (clock.Elapsed < RebootTimeout)
        {
            await WaitForSshAsync(cancellationToken);
            if (await BootIdAsync(cancellationToken) is { Length: > 0 } now && now != before)
            {
                return clock.Elapsed;
            }

            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        }

        throw new LabException("The copy did not go down for its second start.");
    }

    /// <summary>Empty while it goes down.</summary>
    private async Task<string> BootIdAsync(CancellationToken cancellationToken) =>
        (await Root.RunAsync("cat /proc/sys/kernel/random/boot_id", cancellationToken)).Output.Trim();

    public Task StopAsync() => QemuMachine.KillAllBelowAsync(machineFolder);
}
