namespace LinuxP2V.Cmdlets;

/// <summary>A disk of a source.</summary>
public sealed class P2VDisk
{
    public string Name { get; internal init; } = "";

    public string Path { get; internal init; } = "";

    public decimal CapacityGB { get; internal init; }

    public string? Model { get; internal init; }

    /// <summary>Gpt, Mbr or None.</summary>
    public string PartitionTable { get; internal init; } = "";

    public int PartitionCount { get; internal init; }

    public override string ToString() => Name;
}

/// <summary>A mounted file system of a source.</summary>
public sealed class P2VVolume
{
    /// <summary>The mount point, which is what -ExcludeVolume and -VolumeSize take.</summary>
    public string Name { get; internal init; } = "";

    public string Device { get; internal init; } = "";

    public string FileSystem { get; internal init; } = "";

    public decimal CapacityGB { get; internal init; }

    public decimal UsedGB { get; internal init; }

    public long UsedInodes { get; internal init; }

    /// <summary>Whether a conversion can copy it; Class says of what sort it is.</summary>
    public bool CanConvert { get; internal init; }

    /// <summary>Volume, Network, Removable, Bind, Loop.</summary>
    public string Class { get; internal init; } = "";

    public override string ToString() => Name;
}

public sealed class P2VVolumeGroup
{
    public string Name { get; internal init; } = "";

    public decimal CapacityGB { get; internal init; }

    public decimal FreeGB { get; internal init; }

    public string[] PhysicalVolumes { get; internal init; } = [];

    public string[] LogicalVolumes { get; internal init; } = [];

    public override string ToString() => Name;
}

public sealed class P2VSwap
{
    public string Name { get; internal init; } = "";

    public bool IsFile { get; internal init; }

    public decimal CapacityGB { get; internal init; }

    public override string ToString() => Name;
}

/// <summary>A network interface of a source; the physical ones get an adapter in the VM.</summary>
public sealed class P2VNetworkAdapter
{
    public string Name { get; internal init; } = "";

    public string MacAddress { get; internal init; } = "";

    public bool IsPhysical { get; internal init; }

    public bool IsUp { get; internal init; }

    public string? Driver { get; internal init; }

    public string[] IPAddress { get; internal init; } = [];

    public override string ToString() => Name;
}

/// <summary>An installed kernel of a source.</summary>
public sealed class P2VKernel
{
    public string Name { get; internal init; } = "";

    public bool IsRunning { get; internal init; }

    public bool HasInitramfs { get; internal init; }

    /// <summary>Those of its drivers that a VM can need.</summary>
    public string[] Drivers { get; internal init; } = [];

    public override string ToString() => Name;
}
