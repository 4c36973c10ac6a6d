namespace LinuxP2V.Engine.Destinations;

/// <summary>How a destination allocates the space of a virtual disk.</summary>
public enum DiskFormat
{
    /// <summary>Space is taken when it is written to.</summary>
    Thin,

    /// <summary>All space is taken at once, and zeroed when it is first written to.</summary>
    Thick,

    /// <summary>All space is taken and zeroed at once.</summary>
    EagerZeroedThick,
}
