namespace LinuxP2V.Cmdlets;

/// <summary>A disk of a source.</summary>
public sealed class P2VDisk
{
    public required string Name { get; init; }

    public required string Path { get; init; }

    public required decimal CapacityGB { get; init; }

    public string? Model { get; init; }

    /// <summary>Gpt, Mbr or None.</summary>
    public required string PartitionTable { get; init; }

    public required int PartitionCount { get; init; }

    public override string ToString() => Name;
}

/// <summary>A mounted file system of a source.</summary>
public sealed class P2VVolume
{
    /// <summary>The mount point, which is what -ExcludeVolume and -VolumeSize take.</summary>
    public required string Name { get; init; }

    public required string Device { get; init; }

    public required string FileSystem { get; init; }

    public required decimal CapacityGB { get; init; }

    public required decimal UsedGB { get; init; }

    public required long UsedInodes { get; init; }

    /// <summary>Whether a conversion can copy it; Class says of what sort it is.</summary>
    public required bool CanConvert { get; init; }

    /// <summary>Volume, Network, Removable, Bind, Loop.</summary>
    public required string Class { get; init; }

    public override string ToString() => Name;
}

public sealed class P2VVolumeGroup
{
    public required string Name { get; init; }

    public required decimal CapacityGB { get; init; }

    public required decimal FreeGB { get; init; }

    public required string[] PhysicalVolumes { get; init; }

    public required string[] LogicalVolumes { get; init; }

    public override string ToString() => Name;
}

public sealed class P2VSwap
{
    public required string Name { get; init; }

    public required bool IsFile { get; init; }

    public required decimal CapacityGB { get; init; }

    public override string ToString() => Name;
}

/// <summary>A network interface of a source; the physical ones get an adapter in the VM.</summary>
public sealed class P2VNetworkAdapter
{
    public required string Name { get; init; }

    public required string MacAddress { get; init; }

    public required bool IsPhysical { get; init; }

    public required bool IsUp { get; init; }

    public string? Driver { get; init; }

    public required string[] IPAddress { get; init; }

    public override string ToString() => Name;
}

/// <summary>An installed kernel of a source.</summary>
public sealed class P2VKernel
{
    public required string Name { get; init; }

    public required bool IsRunning { get; init; }

    public required bool HasInitramfs { get; init; }

    /// <summary>Those of its drivers that a VM can need.</summary>
    public required string[] Drivers { get; init; }

    public override string ToString() => Name;
}
