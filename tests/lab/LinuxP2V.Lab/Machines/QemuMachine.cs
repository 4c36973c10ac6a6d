using System.Globalization;
using System.Net.Sockets;
using System.Text;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Lab.Machines;

/// <summary>
/// A machine under QEMU that outlives this process: its folder holds the process id, the serial log and, for a second
/// process, the port. Emulated (tcg), so that it runs where there is no virtualisation.
/// </summary>
public sealed class QemuMachine
{
    private readonly string folder;

    private QemuMachine(string folder, string sshHost, int sshPort)
    {
        this.folder = folder;
        SshHost = sshHost;
        SshPort = sshPort;
    }

    /// <summary>An address of this machine's loopback.</summary>
    public string SshHost { get; }

    /// <summary>Forwarded to the machine's port 22.</summary>
    public int SshPort { get; }

    public string SerialLog => Path.Combine(folder, "serial.log");

    public bool IsRunning => QemuProcesses.Find(PidFile(folder)) is not null;

    /// <param name="arguments">Processor, memory, disks; what is common to all machines is added.</param>
    /// <param name="networkDevice">The adapter's device, less its netdev.</param>
    /// <param name="sshPort">Null: any that is free.</param>
    public static async Task<QemuMachine> StartAsync(
        string folder,
        IEnumerable<string> arguments,
        string networkDevice,
        string sshHost,
        int? sshPort,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(folder);
        if (QemuProcesses.Find(PidFile(folder)) is { } running)
        {
            throw new LabException($"The machine of {folder} runs already (process {running}).");
        }

        var port = sshPort ?? FreePort();
        string[] common =
        [
            "-accel",
            "tcg",
            "-nodefaults",
            "-display",
            "none",
            "-vga",
            "std",
            "-netdev",
            $"user,id=net0,hostfwd=tcp:{sshHost}:{port}-:22",
            "-device",
            $"{networkDevice},netdev=net0",
            "-serial",
            $"file:{Path.Combine(folder, "serial.log")}",
            .. HasMonitor(folder) ? ["-monitor", $"unix:{MonitorSocket(folder)},server=on,wait=off"] : Array.Empty<string>(),
            "-daemonize",
            "-pidfile",
            PidFile(folder),
        ];
        var result = await Command.RunAsync("qemu-system-x86_64", [.. arguments, .. common], cancellationToken);
        result.OrThrow($"The machine of {folder} did not start");
        await File.WriteAllTextAsync(
            EndpointFile(folder),
            string.Create(CultureInfo.InvariantCulture, $"{sshHost} {port}"),
            cancellationToken
        );
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

    /// <summary>The machine that runs in a VM's folder, to wait for what boots in it.</summary>
    public static BootingMachine FindBooting(string folder, string consoleLog) =>
        new(QemuProcesses.FindBelow(folder).Cast<int?>().FirstOrDefault(), consoleLog);

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
        if (QemuProcesses.Find(PidFile(folder)) is { } id)
        {
            await QemuProcesses.KillAsync(id, cancellationToken);
        }
    }

    /// <summary>Cuts the machine's SSH port off, or gives it back: without, a connection is refused.</summary>
    public async Task SetReachableAsync(bool isReachable, CancellationToken cancellationToken)
    {
        if (!HasMonitor(folder))
        {
            throw new LabException($"QEMU can be told nothing in {folder}: the path is too long for a socket.");
        }

        var forward = string.Create(CultureInfo.InvariantCulture, $"tcp:{SshHost}:{SshPort}");
        var command = isReachable ? $"hostfwd_add net0 {forward}-:22\n" : $"hostfwd_remove net0 {forward}\n";
        using var monitor = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await monitor.ConnectAsync(new UnixDomainSocketEndPoint(MonitorSocket(folder)), cancellationToken);
        await monitor.SendAsync(Encoding.ASCII.GetBytes(command), cancellationToken);
        // Its prompt comes back when the command is done.
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (answer.ToString().Split("(qemu) ").Length < 3)
        {
            var count = await monitor.ReceiveAsync(buffer, cancellationToken);
            if (count == 0)
            {
                throw new LabException($"The monitor of {folder} closed: {answer}");
            }

            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
    }

    /// <summary>To wait for what boots in it.</summary>
    public BootingMachine Booting => new(QemuProcesses.Find(PidFile(folder)), SerialLog);

    public static int FreePort() => LoopbackPort.FindFree();

    private static string PidFile(string folder) => Path.Combine(Path.GetFullPath(folder), "pid");

    private static string MonitorSocket(string folder) => Path.Combine(Path.GetFullPath(folder), "monitor");

    /// <summary>The kernel takes no socket path that is longer.</summary>
    private static bool HasMonitor(string folder) => MonitorSocket(folder).Length < 108;

    private static string EndpointFile(string folder) => Path.Combine(folder, "endpoint");
}
