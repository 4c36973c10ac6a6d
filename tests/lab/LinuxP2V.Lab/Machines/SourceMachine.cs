using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Machines;

/// <summary>The running source: a fresh overlay on the built disks each time it starts.</summary>
public sealed class SourceMachine
{
    /// <summary>QEMU emulates AVX and PCLMULQDQ more slowly than it runs what programs do without them.</summary>
    private const string FastCpu = "max,-avx,-avx2,-pclmulqdq";

    private readonly QemuMachine machine;

    private SourceMachine(SourceImage image, QemuMachine machine, string folder)
    {
        Image = image;
        this.machine = machine;
        KnownHostsFile = Path.Combine(folder, "known_hosts");
    }

    public SourceImage Image { get; }

    public string Host => machine.SshHost;

    public int Port => machine.SshPort;

    public string KeyFile => Image.KeyFile;

    /// <summary>The lab's own, of this run.</summary>
    public string KnownHostsFile { get; }

    public bool IsRunning => machine.IsRunning;

    public SshLogin Root => new(Port, KeyFile, KnownHostsFile, host: Host);

    /// <summary>A fresh machine: what a former run wrote is gone.</summary>
    /// <param name="host">The address of this machine's loopback at which its SSH is reached.</param>
    public static async Task<SourceMachine> StartAsync(
        SourceImage image,
        string folder,
        CancellationToken cancellationToken,
        string host = "127.0.0.1"
    )
    {
        Directory.CreateDirectory(folder);
        if (QemuMachine.Find(folder) is not null)
        {
            throw new LabException($"The source of {folder} runs already: stop it first.");
        }

        File.Delete(Path.Combine(folder, "known_hosts"));
        foreach (var (disk, number) in image.Disks.Select((disk, number) => (disk, number)))
        {
            File.Delete(Overlay(folder, number));
            var made = await Command.RunAsync(
                "qemu-img",
                ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", Path.GetFullPath(disk), Overlay(folder, number)],
                cancellationToken
            );
            made.OrThrow("The source's overlay was not made");
        }

        return await PowerOnAsync(image, folder, host, null, cancellationToken);
    }

    /// <summary>Power is back: the same disks as they were left, at the same port.</summary>
    public static Task<SourceMachine> RestartAsync(SourceMachine machine, string folder, CancellationToken cancellationToken) =>
        PowerOnAsync(machine.Image, folder, machine.Host, machine.Port, cancellationToken);

    /// <summary>The source that another process started; null when none runs there.</summary>
    public static SourceMachine? Find(SourceImage image, string folder) =>
        QemuMachine.Find(folder) is { } machine ? new SourceMachine(image, machine, folder) : null;

    public Task<TimeSpan> WaitForSshAsync(CancellationToken cancellationToken) =>
        Root.WaitAsync(machine.Booting, TimeSpan.FromMinutes(8), cancellationToken);

    /// <summary>Takes the way to it away, or gives it back; it runs on.</summary>
    public Task SetReachableAsync(bool isReachable) => machine.SetReachableAsync(isReachable, CancellationToken.None);

    /// <summary>Pulls the plug.</summary>
    public Task StopAsync() => machine.KillAsync();

    private static async Task<SourceMachine> PowerOnAsync(
        SourceImage image,
        string folder,
        string host,
        int? port,
        CancellationToken cancellationToken
    )
    {
        var arguments = new List<string> { "-name", "linuxp2v-source", "-machine", "pc", "-cpu", FastCpu, "-smp", "2", "-m", "1024" };
        for (var number = 0; number < image.Disks.Count; number++)
        {
            arguments.AddRange(["-drive", $"file={Overlay(folder, number)},if=virtio,cache=unsafe,discard=unmap"]);
        }

        if (image.IsUefi)
        {
            arguments.AddRange(OvmfFirmware.Arguments(folder));
        }

        var machine = await QemuMachine.StartAsync(
            folder,
            arguments,
            "virtio-net-pci,mac=52:54:00:aa:00:01,addr=3",
            host,
            port,
            cancellationToken
        );
        return new SourceMachine(image, machine, folder);
    }

    private static string Overlay(string folder, int number) => Path.Combine(folder, $"disk{number}.qcow2");
}
