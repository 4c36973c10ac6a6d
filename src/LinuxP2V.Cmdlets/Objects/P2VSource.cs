using LinuxP2V.Cmdlets.EngineAccess;

namespace LinuxP2V.Cmdlets;

/// <summary>A running machine as it was read. A snapshot: read again for news.</summary>
public sealed class P2VSource
{
    internal P2VSource(EngineSource read) => Read = read;

    public required string Name { get; init; }

    /// <summary>As it was given.</summary>
    public required string ComputerName { get; init; }

    public required int Port { get; init; }

    public required string User { get; init; }

    /// <summary>How the user becomes root: None (it is root), Sudo, SudoWithPassword.</summary>
    public required string Elevation { get; init; }

    public required bool IsRoot { get; init; }

    /// <summary>As ssh-keygen -l prints them.</summary>
    public required IReadOnlyList<string> HostKeyFingerprint { get; init; }

    public required string OperatingSystem { get; init; }

    public required string Kernel { get; init; }

    public required string Architecture { get; init; }

    public required string Firmware { get; init; }

    public bool? SecureBoot { get; init; }

    public required int NumCpu { get; init; }

    public string? CpuModel { get; init; }

    public required decimal MemoryGB { get; init; }

    public string? Manufacturer { get; init; }

    public string? Model { get; init; }

    public string? BootLoader { get; init; }

    public string? InitramfsTool { get; init; }

    public string? SELinux { get; init; }

    public IReadOnlyList<string> Databases { get; init; } = [];

    public IReadOnlyList<P2VDisk> Disks { get; init; } = [];

    public IReadOnlyList<P2VVolume> Volumes { get; init; } = [];

    public IReadOnlyList<P2VVolumeGroup> VolumeGroups { get; init; } = [];

    public IReadOnlyList<P2VSwap> Swaps { get; init; } = [];

    public IReadOnlyList<P2VNetworkAdapter> NetworkAdapters { get; init; } = [];

    public IReadOnlyList<P2VKernel> Kernels { get; init; } = [];

    public DateTimeOffset ReadAt { get; init; }

    /// <summary>What the engine read, with the secrets that it used.</summary>
    internal EngineSource Read { get; }

    public override string ToString() => Name;
}
