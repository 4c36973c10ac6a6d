using System.Management.Automation;

namespace LinuxP2V.Cmdlets;

/// <summary>
/// A running machine as it was read. A snapshot: read again for news. <see cref="Definition"/> is the whole of it, so a source
/// that went through Export-Clixml, a job or remoting is taken again wherever a source is, without its secrets.
/// </summary>
public sealed class P2VSource
{
    internal P2VSource(string definition) => Definition = definition;

    public string Name { get; internal init; } = "";

    /// <summary>As it was given.</summary>
    public string ComputerName { get; internal init; } = "";

    public int Port { get; internal init; }

    public string User { get; internal init; } = "";

    /// <summary>How the user becomes root: None (it is root), Sudo, SudoWithPassword.</summary>
    public string Elevation { get; internal init; } = "";

    public bool IsRoot { get; internal init; }

    /// <summary>As ssh-keygen -l prints them.</summary>
    public string[] HostKeyFingerprint { get; internal init; } = [];

    public string OperatingSystem { get; internal init; } = "";

    public string Kernel { get; internal init; } = "";

    public string Architecture { get; internal init; } = "";

    public string Firmware { get; internal init; } = "";

    public bool? SecureBoot { get; internal init; }

    public int NumCpu { get; internal init; }

    public string? CpuModel { get; internal init; }

    public decimal MemoryGB { get; internal init; }

    public string? Manufacturer { get; internal init; }

    public string? Model { get; internal init; }

    public string? BootLoader { get; internal init; }

    public string? InitramfsTool { get; internal init; }

    public string? SELinux { get; internal init; }

    public string[] Databases { get; internal init; } = [];

    public P2VDisk[] Disks { get; internal init; } = [];

    public P2VVolume[] Volumes { get; internal init; } = [];

    public P2VVolumeGroup[] VolumeGroups { get; internal init; } = [];

    public P2VSwap[] Swaps { get; internal init; } = [];

    public P2VNetworkAdapter[] NetworkAdapters { get; internal init; } = [];

    public P2VKernel[] Kernels { get; internal init; } = [];

    public DateTimeOffset ReadAt { get; internal init; }

    /// <summary>
    /// The object of the pipeline that named this machine, such as a row of a CSV file: New-P2VTask takes from it what its
    /// columns say. Null: it was a text.
    /// </summary>
    public PSObject? Row { get; internal init; }

    /// <summary>What was read, as JSON. It holds no secret.</summary>
    public string Definition { get; }

    /// <summary>What the engine read, with the secrets that it used; null for a source from a file.</summary>
    internal SourceReading? Read { get; init; }

    /// <summary>The object that this was made from; null for one of this session.</summary>
    internal PSObject? Imported { get; init; }

    public override string ToString() => Name;
}
