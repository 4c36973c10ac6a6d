namespace LinuxP2V.Agent.Storage;

/// <summary>Where the agent works in the helper; tests set folders of their own.</summary>
internal sealed record StorageSettings
{
    /// <summary>Each volume is mounted alone at VolumesRoot/n, n being its place in the layout.</summary>
    public string VolumesRoot { get; init; } = "/run/linuxp2v/volumes";

    /// <summary>Where the reconfiguration assembles the copy: whatever it left mounted there goes at the release.</summary>
    public string TargetRoot { get; init; } = "/mnt/target";

    /// <summary>How long a disk may take to appear after the helper booted.</summary>
    public TimeSpan DiskWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a partition's device node may take to appear.</summary>
    public TimeSpan NodeWait { get; init; } = TimeSpan.FromSeconds(5);
}
