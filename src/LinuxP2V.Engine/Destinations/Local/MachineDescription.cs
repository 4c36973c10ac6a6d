namespace LinuxP2V.Engine.Destinations.Local;

internal enum MachineState
{
    Helper,
    Finished,
}

/// <summary>A VM folder's vm.json: what was made, and how it is started. File names are relative to the folder.</summary>
internal sealed record MachineDescription
{
    public int Version { get; init; } = 1;

    /// <summary>QEMU gets it as the machine's UUID: a process that carries it is this VM, wherever the folder went.</summary>
    public required string Uuid { get; init; }

    public required string ConversionId { get; init; }

    public required MachineState State { get; init; }

    public required MachineSpecification Machine { get; init; }

    public required DiskImageFormat ImageFormat { get; init; }

    public required IReadOnlyList<string> DiskFiles { get; init; }

    public required IReadOnlyList<string> MacAddresses { get; init; }

    /// <summary>On 127.0.0.1, forwarded to port 22 of the first adapter.</summary>
    public required int SshPort { get; init; }

    public required string HelperImagePath { get; init; }

    /// <summary>UEFI only: the read-only half of the firmware.</summary>
    public string? FirmwarePath { get; init; }

    /// <summary>A disposable twin of that VM of the same destination; null: a VM of its own.</summary>
    public string? TwinOf { get; init; }

    /// <summary>What the disks are for QEMU: a vmdk is read below a qcow2 layer.</summary>
    public string DriveFormat => ImageFormat == DiskImageFormat.Raw ? "raw" : "qcow2";
}
