using System.Management.Automation;

namespace LinuxP2V.Cmdlets;

/// <summary>
/// A planned conversion. Plain data: <see cref="Definition"/> is the whole of it, so a task that went through
/// Export-Clixml or ConvertTo-Json is taken again wherever a task is. It never carries a password or key to a file.
/// Set-P2VTask changes it.
/// </summary>
public sealed class P2VTask
{
    internal const string GeneratedMacAddress = "Generate";

    internal P2VTask(string definition) => Definition = definition;

    public string? Name { get; internal set; }

    public string? Source { get; internal set; }

    /// <summary>The server's address: a folder for the embedded destination.</summary>
    public string? Destination { get; internal set; }

    public string? OperatingSystem { get; internal set; }

    public string? Firmware { get; internal set; }

    public int NumCpu { get; internal set; }

    /// <summary>Null: the destination's choice.</summary>
    public int? CoresPerSocket { get; internal set; }

    public decimal MemoryGB { get; internal set; }

    public decimal CapacityGB { get; internal set; }

    /// <summary>To be copied, as it was used when the source was read.</summary>
    public decimal UsedGB { get; internal set; }

    public string? DiskStorageFormat { get; internal set; }

    public string[] NetworkName { get; internal set; } = [];

    /// <summary>Of the finished VM's adapters, in their order; Generate: the destination makes it.</summary>
    public string[] MacAddress { get; internal set; } = [];

    public P2VPlannedDisk[] Disks { get; internal set; } = [];

    public P2VPlannedVolume[] Volumes { get; internal set; } = [];

    public P2VSkippedVolume[] Skipped { get; internal set; } = [];

    /// <summary>Null: chosen by the helper.</summary>
    public int? StreamCount { get; internal set; }

    public P2VCompression Compression { get; internal set; }

    /// <summary>Megabits (10^6) a second; null: no limit.</summary>
    public double? BandwidthLimitMbps { get; internal set; }

    public bool LowImpact { get; internal set; }

    public bool Snapshot { get; internal set; }

    public P2VCopyMode CopyMode { get; internal set; }

    /// <summary>Files that the source cannot read are told and left out.</summary>
    public bool AllowUnreadable { get; internal set; }

    public bool SkipReconfiguration { get; internal set; }

    /// <summary>Whether the copy stays the machine that its source is.</summary>
    public P2VIdentity Identity { get; internal set; }

    /// <summary>The copy's own host name; null: the source's.</summary>
    public string? GuestHostName { get; internal set; }

    /// <summary>Interfaces that get other addresses than the source's, each in words: eth0: 192.0.2.10/24, gateway 192.0.2.1.</summary>
    public string[] GuestAddress { get; internal set; } = [];

    /// <summary>Scripts of the user's, in the order in which those of a moment run.</summary>
    public P2VHook[] Hook { get; internal set; } = [];

    /// <summary>The helper gets the private key of the login, so that it can log in while this module is away.</summary>
    public bool AllowUnattended { get; internal set; }

    public bool PowerOn { get; internal set; }

    /// <summary>The adapters of the finished VM are not connected when it starts.</summary>
    public bool StartDisconnected { get; internal set; }

    public string? Notes { get; internal set; }

    /// <summary>vSphere's tags, as they were asked for.</summary>
    public string[] Tag { get; internal set; } = [];

    /// <summary>As it was asked for; null: the datastore's own.</summary>
    public string? StoragePolicy { get; internal set; }

    /// <summary>The VM gets an empty TPM.</summary>
    public bool VirtualTpm { get; internal set; }

    /// <summary>The object of the pipeline that named the source, such as a row of a CSV file.</summary>
    public PSObject? Row { get; internal set; }

    /// <summary>The task as JSON.</summary>
    public string Definition { get; internal set; }

    /// <summary>Of the session that planned it; null for a task from a file.</summary>
    internal SessionSecrets? Secrets { get; init; }

    /// <summary>The server that it was planned for, where this session or another of this process has connected it.</summary>
    internal P2VServer? Server { get; set; }

    /// <summary>The object that this was made from; null for a task of this session.</summary>
    internal PSObject? Imported { get; init; }

    /// <summary>Takes over all that another task says.</summary>
    internal P2VTask Become(P2VTask other)
    {
        foreach (var property in typeof(P2VTask).GetProperties().Where(property => property.CanWrite))
            property.SetValue(this, property.GetValue(other));

        Server = other.Server;
        return this;
    }

    public override string ToString() => Name ?? "task";
}

public sealed class P2VPlannedDisk
{
    public int Number { get; internal init; }

    public decimal CapacityGB { get; internal init; }

    public string Controller { get; internal init; } = "";

    public string PartitionTable { get; internal init; } = "";

    public P2VPlannedPartition[] Partitions { get; internal init; } = [];

    public override string ToString() => $"disk {Number}";
}

public sealed class P2VPlannedPartition
{
    public int Number { get; internal init; }

    public decimal CapacityGB { get; internal init; }

    /// <summary>The mount point, swap, a volume group, or the partition type where nothing is copied onto it.</summary>
    public string Content { get; internal init; } = "";

    public override string ToString() => $"partition {Number}";
}

public sealed class P2VPlannedVolume
{
    public string Name { get; internal init; } = "";

    /// <summary>Where it comes to lie: disk 0 partition 1, or group/volume.</summary>
    public string Device { get; internal init; } = "";

    public string SourceDevice { get; internal init; } = "";

    public string FileSystem { get; internal init; } = "";

    public decimal CapacityGB { get; internal init; }

    public decimal UsedGB { get; internal init; }

    public override string ToString() => Name;
}

public sealed class P2VSkippedVolume
{
    public string Name { get; internal init; } = "";

    public string Device { get; internal init; } = "";

    public string Reason { get; internal init; } = "";

    public override string ToString() => Name;
}
