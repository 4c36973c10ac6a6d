using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Model;

/// <summary>What discovery read of a running machine, in one round trip. Sizes are bytes. Plain data.</summary>
public sealed record SourceFacts
{
    /// <summary>As hostname prints it.</summary>
    public required string HostName { get; init; }

    /// <summary>From os-release and uname.</summary>
    public required OperatingSystemFacts OperatingSystem { get; init; }

    /// <summary>Processors, memory, firmware.</summary>
    public required HardwareFacts Hardware { get; init; }

    /// <summary>Each version below /lib/modules.</summary>
    public IReadOnlyList<KernelFacts> Kernels { get; init; } = [];

    /// <summary>Every block device, parents before children: disks, partitions, md, dm, LVM.</summary>
    public IReadOnlyList<BlockDeviceFacts> BlockDevices { get; init; } = [];

    /// <summary>From vgs, pvs and lvs.</summary>
    public IReadOnlyList<VolumeGroupFacts> VolumeGroups { get; init; } = [];

    /// <summary>Mounted file systems of every sort, the skipped ones too.</summary>
    public IReadOnlyList<MountFacts> Mounts { get; init; } = [];

    /// <summary>Areas and files that are in use: /proc/swaps.</summary>
    public IReadOnlyList<SwapFacts> Swaps { get; init; } = [];

    /// <summary>Each btrfs that is mounted, with its devices and subvolumes.</summary>
    public IReadOnlyList<BtrfsFacts> BtrfsFileSystems { get; init; } = [];

    /// <summary>Interfaces, routes, name servers.</summary>
    public NetworkFacts Network { get; init; } = new();

    /// <summary>How the machine starts.</summary>
    public required BootFacts Boot { get; init; }

    /// <summary>Programs that the copy may use on the source.</summary>
    public ToolFacts Tools { get; init; } = new();

    /// <summary>Names of running processes that hold a database or directory: mysqld, postgres, …</summary>
    public IReadOnlyList<string> RunningDatabases { get; init; } = [];

    /// <summary>Enforcing, Permissive, Disabled; null where there is no SELinux.</summary>
    public string? SELinux { get; init; }

    /// <summary>What runs this "machine" as a container: docker, lxc, systemd-nspawn, …; null for a machine of its own.</summary>
    public string? Container { get; init; }

    /// <summary>What discovery could not read or understand. The facts are without it.</summary>
    public IReadOnlyList<ReadingProblem> Problems { get; init; } = [];

    /// <summary>Whether the probe ran as root, directly or by sudo.</summary>
    public bool IsRoot { get; init; }

    /// <summary>sudo records on the source what the commands of this user write: sudoers has log_output.</summary>
    public bool IsSudoOutputLogged { get; init; }

    /// <summary>When the facts were read.</summary>
    public DateTimeOffset ReadAt { get; init; }
}

/// <summary>The operating system.</summary>
public sealed record OperatingSystemFacts
{
    /// <summary>os-release ID: debian, rhel, …; "linux" when the machine does not tell.</summary>
    public required string Id { get; init; }

    /// <summary>os-release ID_LIKE, split.</summary>
    public IReadOnlyList<string> IdLike { get; init; } = [];

    /// <summary>os-release VERSION_ID; null when the machine does not tell.</summary>
    public string? VersionId { get; init; }

    /// <summary>os-release PRETTY_NAME, or the first line of the distribution's own file.</summary>
    public required string PrettyName { get; init; }

    /// <summary>uname -r.</summary>
    public required string RunningKernel { get; init; }

    /// <summary>uname -m.</summary>
    public required string Architecture { get; init; }

    /// <summary>/etc/machine-id, 32 hex digits; null where there is none.</summary>
    public string? MachineId { get; init; }
}

/// <summary>The machine itself.</summary>
public sealed record HardwareFacts
{
    /// <summary>By which the running system was started.</summary>
    public required Firmware Firmware { get; init; }

    /// <summary>Null: BIOS, or the machine does not tell.</summary>
    public bool? SecureBoot { get; init; }

    /// <summary>A TPM, whose keys stay with the machine.</summary>
    public bool HasTpm { get; init; }

    /// <summary>Logical processors.</summary>
    public required int CpuCount { get; init; }

    /// <summary>Sockets with a processor; null where the kernel does not tell.</summary>
    public int? SocketCount { get; init; }

    /// <summary>As /proc/cpuinfo has it.</summary>
    public string? CpuModel { get; init; }

    /// <summary>What the kernel has of it: MemTotal.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>From the machine's DMI table.</summary>
    public string? Manufacturer { get; init; }

    /// <summary>From the machine's DMI table.</summary>
    public string? Product { get; init; }
}

/// <param name="Version">The directory below /lib/modules.</param>
/// <param name="ImagePath">The kernel image, null if only modules are there.</param>
/// <param name="InitramfsPath">Null if none was found.</param>
/// <param name="Drivers">Those of the drivers a VM can need that this kernel has, built in or as a module: vmw_pvscsi,
/// vmxnet3, mptsas, mptspi, ahci, nvme, virtio_scsi, virtio_net, e1000, e1000e.</param>
public sealed record KernelFacts(string Version, string? ImagePath, string? InitramfsPath, IReadOnlyList<string> Drivers)
{
    /// <summary>Those of <see cref="Drivers"/> that are part of the image, so that no initramfs has to hold them.</summary>
    public IReadOnlyList<string> BuiltInDrivers { get; init; } = [];

    /// <summary>There are modules, but depmod has not listed them, so that none can be found.</summary>
    public bool IsModuleListMissing { get; init; }
}

/// <param name="Subject">The device, mount point or kind of facts.</param>
/// <param name="What">A clause: "its beginning cannot be read".</param>
public sealed record ReadingProblem(string Subject, string What);

/// <summary>How the source starts.</summary>
public sealed record BootFacts
{
    /// <summary>grub2, grub-legacy, systemd-boot, extlinux, lilo, or null when none was recognised.</summary>
    public string? Loader { get; init; }

    /// <summary>The menu or configuration of the loader; null when none was recognised.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>initramfs-tools, dracut, mkinitcpio, mkinitrd, or null.</summary>
    public string? InitramfsTool { get; init; }

    /// <summary>/proc/cmdline.</summary>
    public string? KernelCommandLine { get; init; }

    /// <summary>The running machine's current UEFI entry, loader path and all, as efibootmgr prints it.</summary>
    public string? CurrentEfiEntry { get; init; }

    /// <summary>The disk whose boot code holds a boot loader, such as sda.</summary>
    public string? BootDisk { get; init; }

    /// <summary>Every disk whose first sector holds a boot loader; of a mirror these are several.</summary>
    public IReadOnlyList<string> BootCodeDisks { get; init; } = [];
}

/// <summary>Programs of the source.</summary>
public sealed record ToolFacts
{
    /// <summary>Name to version line; the version is empty where the tool does not tell. tar, find, zstd, rsync, sha256sum, …</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the source has a program of this name.</summary>
    public bool Has(string tool) => Versions.ContainsKey(tool);

    /// <summary>tar is GNU's, so that xattrs, ACLs, sparse files and times to the nanosecond come along.</summary>
    public bool HasGnuTar { get; init; }

    /// <summary>find is GNU's, so that it prints what a list needs.</summary>
    public bool HasGnuFind { get; init; }
}
