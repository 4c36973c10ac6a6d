using LinuxP2V.Guest.Devices;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Planning;

/// <summary>The machine that a guest shall become.</summary>
/// <param name="DiskDevices">Number of the layout's disk to its device in the VM: /dev/sda.</param>
public sealed record GuestTarget(TargetLayout Layout, ReconfigureOptions Options, IReadOnlyDictionary<int, string> DiskDevices)
{
    /// <summary>For a VM that is not there yet.</summary>
    public GuestTarget(TargetLayout layout, ReconfigureOptions options)
        : this(layout, options, DiskNames.Guess(layout)) { }

    public DeviceMap Devices { get; } = new(Layout, Options);

    /// <summary>A disk or partition of the VM: /dev/sda3; null for a logical volume.</summary>
    public string? DeviceOf(DeviceReference reference) =>
        reference.Disk is not { } disk || !DiskDevices.TryGetValue(disk, out var device) ? null
        : reference.Partition is { } partition ? DiskNames.Partition(device, partition)
        : device;
}
