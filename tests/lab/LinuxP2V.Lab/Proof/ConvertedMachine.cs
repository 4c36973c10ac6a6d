using LinuxP2V.Lab.Machines;

namespace LinuxP2V.Lab.Proof;

/// <summary>
/// The result, booted alone on VMware's devices: its own disks, no helper image, nothing of the product's running. The
/// disks get an overlay, so that the proof changes nothing and can be repeated.
/// </summary>
public sealed class ConvertedMachine
{
    private readonly QemuMachine _machine;
    private readonly SshLogin _root;

    private ConvertedMachine(QemuMachine machine, SshLogin root)
    {
        _machine = machine;
        _root = root;
    }

    public SshLogin Root => _root;

    /// <param name="macAddresses">Of the VM's adapters, the first of which carries SSH.</param>
    /// <param name="keyFile">The key that opened the source: the copy must take it too.</param>
    public static async Task<ConvertedMachine> StartAsync(
        LabFirmware firmware,
        IReadOnlyList<string> disks,
        IReadOnlyList<string> macAddresses,
        string keyFile,
        string folder,
        CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var arguments = new List<string> { "-name", "linuxp2v-proof", "-machine", "q35", "-cpu", "max", "-smp", "2", "-m", "1024" };
        if (firmware == LabFirmware.Uefi)
        {
            arguments.AddRange(OvmfFirmware.Arguments(folder));
        }
        else
        {
            arguments.AddRange(["-device", "pvscsi,id=scsi0"]);
        }

        foreach (var (disk, number) in disks.Select((disk, number) => (disk, number)))
        {
            var overlay = await MakeOverlayAsync(disk, number, folder, cancellationToken);
            arguments.AddRange(["-drive", $"file={overlay},if=none,id=disk{number},cache=unsafe"]);
            arguments.AddRange(
            [
                "-device",
                firmware == LabFirmware.Uefi
                    ? $"nvme,drive=disk{number},serial=disk{number},bootindex={number + 1}"
                    : $"scsi-hd,bus=scsi0.0,scsi-id={number},drive=disk{number},bootindex={number + 1}",
            ]);
        }

        var adapter = macAddresses.Count > 0 ? $"vmxnet3,mac={macAddresses[0]}" : "vmxnet3";
        var machine = await QemuMachine.StartAsync(folder, arguments, adapter, cancellationToken);
        var knownHosts = Path.Combine(folder, "known_hosts");
        File.Delete(knownHosts);
        return new ConvertedMachine(machine, new SshLogin(machine.SshPort, keyFile, knownHosts));
    }

    public Task<TimeSpan> WaitForSshAsync(CancellationToken cancellationToken) => _root.WaitAsync(
        () => _machine.IsRunning, _machine.LastConsoleLines, TimeSpan.FromMinutes(6), cancellationToken);

    public Task StopAsync() => _machine.KillAsync();

    private static async Task<string> MakeOverlayAsync(string disk, int number, string folder, CancellationToken cancellationToken)
    {
        var format = Path.GetExtension(disk) switch { ".qcow2" => "qcow2", ".vmdk" => "vmdk", _ => "raw" };
        var overlay = Path.Combine(folder, $"disk{number}.qcow2");
        File.Delete(overlay);
        var made = await Processes.Command.RunAsync(
            "qemu-img", ["create", "-q", "-f", "qcow2", "-F", format, "-b", Path.GetFullPath(disk), overlay], cancellationToken);
        made.OrThrow("The proof's overlay was not made");
        return overlay;
    }
}
