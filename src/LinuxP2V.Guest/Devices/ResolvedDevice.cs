using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Devices;

/// <summary>What becomes of a device that a configuration file of the source names.</summary>
/// <param name="Volume">The volume of the copy; null where it has none, or has none for this device.</param>
/// <param name="NewName">What the file must name instead; of <see cref="DeviceState.Renamed"/> alone.</param>
public sealed record ResolvedDevice(DeviceState State, TargetVolume? Volume = null, string? NewName = null)
{
    public static readonly ResolvedDevice Unknown = new(DeviceState.Unknown);

    public static readonly ResolvedDevice LeftOut = new(DeviceState.LeftOut);

    public static ResolvedDevice Kept(TargetVolume volume) => new(DeviceState.Kept, volume);

    public static ResolvedDevice Renamed(TargetVolume volume) => new(DeviceState.Renamed, volume, DeviceMap.StableName(volume));
}
