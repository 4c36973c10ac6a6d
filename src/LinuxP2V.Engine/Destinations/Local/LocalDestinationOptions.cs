namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>How QEMU runs a guest.</summary>
public enum LocalAccelerator
{
    /// <summary>KVM after a short probe has shown that it runs code, else TCG.</summary>
    Auto,

    /// <summary>QEMU translates the guest's code; needs nothing, and is slow.</summary>
    Tcg,

    /// <summary>The processor runs the guest's code; needs /dev/kvm.</summary>
    Kvm,
}

/// <summary>The files that the disks of a local VM become.</summary>
public enum DiskImageFormat
{
    /// <summary>qcow2, which grows as it is written to.</summary>
    Qcow2,

    /// <summary>A sparse file with the disk's bytes.</summary>
    Raw,

    /// <summary>streamOptimized, made of the qcow2 disks at the finish; the VM runs from a qcow2 layer above it.</summary>
    Vmdk,
}

/// <summary>How QEMU is used on this machine.</summary>
public sealed record LocalDestinationOptions
{
    /// <summary>Stands above <see cref="Accelerator"/>: Auto, Tcg or Kvm.</summary>
    public const string AcceleratorVariable = "LINUXP2V_ACCELERATOR";

    /// <summary>qemu-system-x86_64; null: the one of the PATH.</summary>
    public string? QemuPath { get; init; }

    /// <summary>How QEMU runs the VM; <see cref="AcceleratorVariable"/> wins over it.</summary>
    public LocalAccelerator Accelerator { get; init; }

    /// <summary>The files that the disks become.</summary>
    public DiskImageFormat ImageFormat { get; init; }

    /// <summary>
    /// How long a helper may take from power-on to its announcement: without KVM a boot takes half a minute on an
    /// idle machine.
    /// </summary>
    public TimeSpan HelperTimeout { get; init; } = TimeSpan.FromSeconds(180);
}
