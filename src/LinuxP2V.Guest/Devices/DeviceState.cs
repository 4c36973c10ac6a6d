namespace LinuxP2V.Guest.Devices;

public enum DeviceState
{
    /// <summary>The name holds in the copy as it stands.</summary>
    Kept,

    /// <summary>The volume is there, under <see cref="ResolvedDevice.NewName"/>.</summary>
    Renamed,

    /// <summary>The admin left it out.</summary>
    LeftOut,

    /// <summary>Nothing in the copy is known to answer to this name.</summary>
    Unknown,
}
