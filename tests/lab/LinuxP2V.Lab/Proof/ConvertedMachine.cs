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

    public Task StopAsync() => QemuMachine.KillAllBelowAsync(machineFolder);
}
