namespace LinuxP2V.Cmdlets;

/// <summary>The ISO that helper VMs boot from: the file here, or a copy on a datastore.</summary>
public sealed class P2VHelperImage
{
    public string Name { get; internal init; } = "";

    /// <summary>A file, or [datastore] folder/file.</summary>
    public string Path { get; internal init; } = "";

    /// <summary>Null for the file.</summary>
    public string? Datastore { get; internal init; }

    public decimal SizeMB { get; internal init; }

    /// <summary>SHA-256, lower-case hex. Of a copy that is not this module's image only the first 16 digits are known.</summary>
    public string Hash { get; internal init; } = "";

    /// <summary>Whether it is the image that this module gives to helper VMs; null when there is none here to compare with.</summary>
    public bool? IsCurrent { get; internal init; }

    /// <summary>Whether its content was read and has the hash that its name tells; null when it was not read.</summary>
    public bool? IsIntact { get; internal init; }

    public override string ToString() => Name;
}
