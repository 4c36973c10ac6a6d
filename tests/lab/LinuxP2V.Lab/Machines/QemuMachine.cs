using System.Globalization;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Lab.Machines;

/// <summary>
/// A machine under QEMU that outlives this process: its folder holds the process id, the serial log and, for a second
/// process, the port. Emulated (tcg), so that it runs where there is no virtualisation.
/// </summary>
public sealed class QemuMachine
{
    private readonly string _folder;

    private QemuMachine(string folder, string sshHost, int sshPort)
    {
        _folder = folder;
        SshHost = sshHost;
        SshPort = sshPort;
    }

    /// <summary>An address of this machine's loopback.</summary>
    public string SshHost { get; }

    /// <summary>Forwarded to the machine's port 22.</summary>
    public int SshPort { get; }

    public string SerialLog => Path.Combine(_folder, "serial.log");

    public bool IsRunning => QemuProcesses.Find(PidFile(_folder)) is not null;

    /// <param name="arguments">Processor, memory, disks; what is common to all machines is added.</param>
    /// <param name="networkDevice">The adapter's device, less its netdev.</param>
    /// <param name="sshPort">Null: any that is free.</param>
    public static async Task<QemuMachine> StartAsync(
        string folder, IEnumerable<string> arguments, string networkDevice, string sshHost, int? sshPort, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        if (QemuProcesses.Find(PidFile(folder)) is { } running)
        {
            throw new LabException($"The machine of {folder} runs already (process {running}).");
        }

        var port = sshPort ?? FreePort();
        string[] common =
        [
            "-accel", "tcg", "-nodefaults", "-display", "none", "-vga", "std",
            "-netdev", $"user,id=net0,hostfwd=tcp:{sshHost}:{port}-:22",
            "-device", $"{networkDevice},netdev=net0",
            "-serial", $"file:{Path.Combine(folder, "serial.log")}",
            "-daemonize", "-pidfile", PidFile(folder),
        ];
        var result = await Command.RunAsync("qemu-system-x86_64", [.. arguments, .. common], cancellationToken);
        result.OrThrow($"The machine of {folder} did not start");
        await File.WriteAllTextAsync(EndpointFile(folder), string.Create(CultureInfo.InvariantCulture, $"{sshHost} {port}"), cancellationToken);
        return new QemuMachine(folder, sshHost, port);
    }

    /// <summary>The machine that another process started there; null when none runs.</summary>
    public static QemuMachine? Find(string folder)
    {
        if (QemuProcesses.Find(PidFile(folder)) is null)
        {
            return null;
        }

        var endpoint = File.ReadAllText(EndpointFile(folder)).Split(' ');
        return new QemuMachine(folder, endpoint[0], int.Parse(endpoint[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Whether any machine runs whose files lie below a folder, the product's VMs too.</summary>
    public static bool RunsIn(string folder) => QemuProcesses.FindBelow(folder).Any();

    /// <summary>Pulls the plug of every machine whose files lie below a folder, the product's VMs too.</summary>
    public static async Task KillAllBelowAsync(string folder, CancellationToken cancellationToken = default)
    {
        foreach (var id in QemuProcesses.FindBelow(folder))
        {
            await QemuProcesses.KillAsync(id, cancellationToken);
        }
    }

    /// <summary>Pulls the plug.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        if (QemuProcesses.Find(PidFile(_folder)) is { } id)
        {
            await QemuProcesses.KillAsync(id, cancellationToken);
        }
    }

    /// <summary>The last lines of the serial console, for an error message.</summary>
    public string LastConsoleLines() => File.Exists(SerialLog) ? string.Join('\n', File.ReadLines(SerialLog).TakeLast(12)) : "";

    public static int FreePort() => LoopbackPort.FindFree();

    private static string PidFile(string folder) => Path.Combine(Path.GetFullPath(folder), "pid");

    private static string EndpointFile(string folder) => Path.Combine(folder, "endpoint");
}
