using LinuxP2V.Guest.Devices;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Support;

internal static class Samples
{
    public const string HomeUuid = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c0a";

    /// <summary>
    /// / on md0 that became a partition, /boot on a partition, /home on LVM that stays, swap that was LUKS; /srv on
    /// vg0-srv left out.
    /// </summary>
    public static TargetLayout Server()
    {
        var plain = Layouts.DebianBios();
        return plain with
        {
            VolumeGroups =
            [
                new TargetVolumeGroup
                {
                    Name = "vg-0",
                    ExtentSizeBytes = 4 << 20,
                    PhysicalVolumes = [DeviceReference.OnDisk(0, 5)],
                    LogicalVolumes = [new("home", 1 << 30), new("raw", 1 << 30)],
                },
            ],
            Volumes =
            [
                plain.Volumes[0] with
                {
                    SourceDevice = "/dev/md0",
                },
                plain.Volumes[1],
                plain.Volumes[2] with
                {
                    SourceDevice = "/dev/mapper/cryptswap",
                },
                new TargetVolume
                {
                    Id = "/home",
                    MountPoint = "/home",
                    Device = DeviceReference.OnVolumeGroup("vg-0", "home"),
                    FileSystem = new FileSystemSpec
                    {
                        Kind = FileSystemKind.Xfs,
                        Uuid = HomeUuid,
                        Label = "home",
                    },
                    SourceDevice = "/dev/mapper/vg--0-home",
                },
            ],
        };
    }

    public static DeviceMap Devices() =>
        new(
            Server(),
            new ReconfigureOptions
            {
                RunningKernel = "6.1.0-1-amd64",
                Dropped =
                [
                    new DroppedDevice("/dev/mapper/vg--0-srv", "99999999-0000-4000-8000-000000000001", "/srv"),
                    new DroppedDevice("/dev/sdb1", null, null),
                ],
                Replaced = [new ReplacedDevice("/dev/md0", "/")],
            }
        );
}
