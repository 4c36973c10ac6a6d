using System.Globalization;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>What would stop a VM from being made or run here.</summary>
internal static class LocalMachineTest
{
    /// <summary>What file systems and image formats add to the files.</summary>
    private const double Overhead = 1.1;

    public static async Task<IReadOnlyList<Finding>> RunAsync(
        string root,
        MachineSpecification machine,
        LocalDestinationOptions options,
        string qemuPath,
        CancellationToken cancellationToken
    )
    {
        var findings = new List<Finding>();
        var path = Path.Combine(root, machine.Name);
        if (Directory.Exists(path) || File.Exists(path))
        {
            findings.Add(
                Error(
                    ErrorIds.DestinationNameTaken,
                    machine.Name,
                    $"There is a {path} already.",
                    "Give the VM another name with -Name, or remove what is there."
                )
            );
        }

        AddSpace(findings, root, machine, options);
        AddMemory(findings, machine);
        if (machine.Firmware == Firmware.Uefi)
            AddFirmware(findings);

        await AddDevicesAsync(findings, machine, qemuPath, cancellationToken).ConfigureAwait(false);
        return findings;
    }

    private static void AddSpace(List<Finding> findings, string root, MachineSpecification machine, LocalDestinationOptions options)
    {
        var needed = machine.Disks.Sum(disk => disk.Format == DiskFormat.Thin ? (long)(disk.UsedBytes * Overhead) : disk.SizeBytes);
        if (options.ImageFormat == DiskImageFormat.Vmdk)
            needed += machine.Disks.Sum(disk => disk.UsedBytes);

        var free = new DriveInfo(root).AvailableFreeSpace;
        if (free < needed)
        {
            findings.Add(
                Error(
                    ErrorIds.DestinationFull,
                    root,
                    $"The disks of {machine.Name} need about {ByteSize.Format(needed)}, but {root} has {ByteSize.Format(free)} free.",
                    "Free space there, choose another folder, or leave volumes out with -ExcludeVolume."
                )
            );
        }
    }

    private static void AddMemory(List<Finding> findings, MachineSpecification machine)
    {
        if (AvailableMemory() is { } available && available < machine.MemoryBytes)
        {
            findings.Add(
                new Finding(
                    FindingSeverity.Warning,
                    ErrorIds.HelperMemoryTooSmall,
                    machine.Name,
                    $"The VM has {ByteSize.Format(machine.MemoryBytes)} of memory, "
                        + $"but this machine has {ByteSize.Format(available)} available.",
                    "Give the VM less with -MemoryGB, or end other programs here."
                )
            );
        }
    }

    private static void AddFirmware(List<Finding> findings)
    {
        try
        {
            OvmfFirmware.Locate();
        }
        catch (P2VException exception)
        {
            findings.Add(Error(exception.ErrorId, "OVMF", exception.Message, exception.Remedy));
        }
    }

    /// <summary>Some distributions build QEMU without VMware's devices.</summary>
    private static async Task AddDevicesAsync(
        List<Finding> findings,
        MachineSpecification machine,
        string qemuPath,
        CancellationToken cancellationToken
    )
    {
        var result = await LocalTool.RunAsync(qemuPath, ["-device", "help"], null, cancellationToken).ConfigureAwait(false);
        var missing = QemuArguments.RequiredDevices(machine).Where(device => !result.Output.Contains($"\"{device}\"")).ToList();
        if (missing.Count > 0)
        {
            findings.Add(
                Error(
                    ErrorIds.DestinationToolMissing,
                    qemuPath,
                    $"{qemuPath} has no {string.Join(", ", missing)}, which the VM is to have.",
                    "Choose other hardware with -DiskController and -AdapterKind, or install a full QEMU."
                )
            );
        }
    }

    private static long? AvailableMemory()
    {
        const string Name = "MemAvailable:";
        try
        {
            var line = File.ReadLines("/proc/meminfo").FirstOrDefault(text => text.StartsWith(Name, StringComparison.Ordinal));
            return long.TryParse(
                line?.Substring(Name.Length).Replace("kB", "").Trim(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var kilobytes
            )
                ? kilobytes * 1024
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Finding Error(string id, string subject, string what, string remedy) =>
        new(FindingSeverity.Error, id, subject, what, remedy);
}
