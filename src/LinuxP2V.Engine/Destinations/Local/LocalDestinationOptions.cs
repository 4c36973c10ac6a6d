namespace LinuxP2V.Engine.Destinations.Local;

public enum LocalAccelerator
{
    /// <summary>KVM after a short probe has shown that it runs code, else TCG.</summary>
    Auto,
    Tcg,
    Kvm,
}

public enum DiskImageFormat
{
    Qcow2,
    Raw,

    /// <summary>streamOptimized, made of the qcow2 disks at the finish; the VM runs from a qcow2 layer above it.</summary>
    Vmdk,
}

public sealed record LocalDestinationOptions
{
    /// <summary>Stands above <see cref="Accelerator"/>: Auto, Tcg or Kvm.</summary>
    public const string AcceleratorVariable = "LINUXP2V_ACCELERATOR";

    /// <summary>qemu-system-x86_64; null: the one of the PATH.</summary>
    public string? QemuPath { get; init; }

    public LocalAccelerator Accelerator { get; init; }

    public DiskImageFormat ImageFormat { get; init; }

    /// <summary>
    /// How long a helper may take from power-on to its announcement: without KVM a boot takes half a minute on an
    /// idle machine.
    /// </summary>
    public TimeSpan HelperTimeout { get; init; } = TimeSpan.FromSeconds(180);
}
