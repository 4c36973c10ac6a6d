using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Cmdlets.Tests.Support;

internal static class Samples
{
    public const long GB = 1L << 30;

    public static SourceFacts Facts(string name) =>
        new()
        {
            HostName = name,
            OperatingSystem = new OperatingSystemFacts
            {
                Id = "debian",
                VersionId = "12",
                PrettyName = "Debian GNU/Linux 12",
                RunningKernel = "6.1.0-18-amd64",
                Architecture = "x86_64",
            },
            Hardware = new HardwareFacts
            {
                Firmware = Firmware.Bios,
                CpuCount = 2,
                MemoryBytes = 4 * GB,
            },
            Boot = new BootFacts { Loader = "grub2" },
            Kernels = [new KernelFacts("6.1.0-18-amd64", "/boot/vmlinuz", "/boot/initrd", ["vmxnet3"])],
            BlockDevices =
            [
                new BlockDeviceFacts
                {
                    Name = "sda",
                    Path = "/dev/sda",
                    Kind = BlockDeviceKind.Disk,
                    SizeBytes = 20 * GB,
                    PartitionTable = PartitionTableKind.Mbr,
                },
                new BlockDeviceFacts
                {
                    Name = "sda1",
                    Path = "/dev/sda1",
                    Kind = BlockDeviceKind.Partition,
                    SizeBytes = 20 * GB,
                    Parents = ["sda"],
                },
            ],
            Mounts =
            [
                new MountFacts
                {
                    MountPoint = "/",
                    Device = "/dev/sda1",
                    FileSystem = "ext4",
                    Class = MountClass.Volume,
                    SizeBytes = 20 * GB,
                    UsedBytes = 3 * GB,
                    Specification = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
                },
                new MountFacts
                {
                    MountPoint = "/proc",
                    Device = "proc",
                    FileSystem = "proc",
                    Class = MountClass.Pseudo,
                },
                new MountFacts
                {
                    MountPoint = "/srv",
                    Device = "nas:/srv",
                    FileSystem = "nfs4",
                    Class = MountClass.Network,
                },
            ],
            Network = new NetworkFacts
            {
                Adapters =
                [
                    new NetworkAdapterFacts
                    {
                        Name = "eth0",
                        MacAddress = "52:54:00:00:00:01",
                        IsPhysical = true,
                        Addresses = ["192.0.2.5/24"],
                    },
                ],
            },
        };

    public static ConversionTask Task(SourceEndpoint source, SourceFacts facts, TaskSettings settings, DestinationReference destination)
    {
        var address = new DiskAddress(DiskController.Pvscsi, 0, 0);
        var size = settings.VolumeSizes.TryGetValue("/", out var wanted) ? wanted : 20 * GB;
        return new ConversionTask
        {
            Source = source,
            Facts = facts,
            Destination = destination,
            Settings = settings,
            Plan = new ConversionPlan
            {
                Machine = new MachineSpecification
                {
                    Name = settings.Name ?? facts.HostName,
                    Firmware = facts.Hardware.Firmware,
                    NumCpu = settings.NumCpu ?? facts.Hardware.CpuCount,
                    MemoryBytes = settings.MemoryBytes ?? facts.Hardware.MemoryBytes,
                    Disks = [new DiskSpecification(size, address, settings.DiskFormat)],
                    Adapters = [new AdapterSpecification(AdapterKind.Vmxnet3, settings.NetworkNames is [var network, ..] ? network : null)],
                },
                Layout = new TargetLayout
                {
                    Firmware = facts.Hardware.Firmware,
                    Disks =
                    [
                        new TargetDisk
                        {
                            Number = 0,
                            SizeBytes = size,
                            Address = address,
                            PartitionTable = PartitionTableKind.Mbr,
                            IsBootDisk = true,
                            Partitions =
                            [
                                new TargetPartition
                                {
                                    Number = 1,
                                    StartBytes = 1 << 20,
                                    SizeBytes = size - (1 << 20),
                                    Type = "83",
                                },
                            ],
                        },
                    ],
                    Volumes =
                    [
                        new TargetVolume
                        {
                            Id = "/",
                            MountPoint = "/",
                            Device = DeviceReference.OnDisk(0, 1),
                            SourceDevice = "/dev/sda1",
                            UsedBytes = 3 * GB,
                            FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
                        },
                    ],
                },
                Skipped = [new SkippedVolume("/srv", "nas:/srv", null, "network file system (nfs4)", false)],
            },
        };
    }

    public static Conversion Copying(Conversion conversion, long done, long total) =>
        conversion with
        {
            State = ConversionState.Copying,
            UpdatedAt = DateTimeOffset.UtcNow,
            Volumes = [new VolumeState("/", done, total, done / GB, total / GB, false)],
        };
}
