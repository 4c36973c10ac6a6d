using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Tests.Tasks;

/// <summary>Facts of machines as discovery tells them, device by device.</summary>
internal sealed class SourceFactsBuilder
{
    public const long MiB = 1024 * 1024;
    public const long GiB = 1024 * MiB;

    private readonly List<BlockDeviceFacts> devices = [];
    private readonly List<MountFacts> mounts = [];
    private readonly List<SwapFacts> swaps = [];
    private readonly List<VolumeGroupFacts> groups = [];
    private readonly List<NetworkAdapterFacts> adapters = [];
    private readonly List<string> drivers =
    [
        "vmw_pvscsi",
        "vmxnet3",
        "mptsas",
        "mptspi",
        "ahci",
        "nvme",
        "virtio_scsi",
        "virtio_net",
        "e1000",
        "e1000e",
    ];

    public Firmware Firmware { get; set; } = Firmware.Bios;

    public string? BootDisk { get; set; } = "sda";

    public string? Loader { get; set; } = "grub2";

    public string Architecture { get; set; } = "x86_64";

    public int CpuCount { get; set; } = 2;

    public int? SocketCount { get; set; }

    public long MemoryBytes { get; set; } = 2061 * MiB;

    public string HostName { get; set; } = "web01.example.net";

    public SourceFactsBuilder Disk(string name, long size, PartitionTableKind table = PartitionTableKind.Gpt, string? content = null)
    {
        devices.Add(
            new BlockDeviceFacts
            {
                Name = name,
                Path = "/dev/" + name,
                Kind = BlockDeviceKind.Disk,
                SizeBytes = size,
                PartitionTable = table,
                TableIdentifier = table switch
                {
                    PartitionTableKind.Gpt => $"6f1c0e57-0000-4000-8000-{(int)name[^1]:d12}",
                    PartitionTableKind.Mbr => "0badcafe",
                    _ => null,
                },
                ContentType = content,
            }
        );
        return this;
    }

    public SourceFactsBuilder Partition(
        string disk,
        int number,
        long start,
        long size,
        string type,
        string? content = null,
        bool isActive = false
    )
    {
        var isMbr = type.Length == 2;
        devices.Add(
            new BlockDeviceFacts
            {
                Name = disk + (char.IsDigit(disk[^1]) ? "p" : "") + number,
                Path = "/dev/" + disk + (char.IsDigit(disk[^1]) ? "p" : "") + number,
                Kind = BlockDeviceKind.Partition,
                SizeBytes = size,
                Parents = [disk],
                ContentType = content,
                Partition = new PartitionFacts(
                    number,
                    start,
                    type,
                    isMbr ? $"0badcafe-0{number}" : PartUuid(disk, number),
                    isMbr ? null : $"part{number}",
                    isActive
                ),
            }
        );
        return this;
    }

    public SourceFactsBuilder Device(
        string name,
        string path,
        BlockDeviceKind kind,
        long size,
        string[] parents,
        string? content = null,
        string? detail = null
    )
    {
        devices.Add(
            new BlockDeviceFacts
            {
                Name = name,
                Path = path,
                Kind = kind,
                SizeBytes = size,
                Parents = parents,
                ContentType = content,
                Detail = detail,
            }
        );
        return this;
    }

    /// <summary>A group with its volumes and their dm devices, named and escaped as LVM does.</summary>
    public SourceFactsBuilder Group(
        string name,
        string[] physicalVolumes,
        long extents,
        params (string Name, long Size, string Layout)[] volumes
    )
    {
        const long Extent = 4 * MiB;
        foreach (var volume in volumes)
        {
            var path = Protocol.Layout.LayoutQueries.MapperPath(name, volume.Name);
            var parent = devices.First(device => device.Path == physicalVolumes[0]).Name;
            Device($"dm-{devices.Count}", path, BlockDeviceKind.LogicalVolume, volume.Size, [parent]);
        }

        groups.Add(
            new VolumeGroupFacts
            {
                Name = name,
                ExtentSizeBytes = Extent,
                SizeBytes = extents * Extent,
                FreeBytes = Math.Max(0, (extents * Extent) - volumes.Sum(volume => volume.Size)),
                PhysicalVolumes = physicalVolumes,
                LogicalVolumes =
                [
                    .. volumes.Select(volume => new LogicalVolumeFacts(
                        volume.Name,
                        $"/dev/{name}/{volume.Name}",
                        volume.Size,
                        volume.Layout
                    )),
                ],
            }
        );
        return this;
    }

    public SourceFactsBuilder Mount(string mountPoint, string device, FileSystemKind kind, long size, long used, string options = "rw")
    {
        mounts.Add(
            new MountFacts
            {
                MountPoint = mountPoint,
                Device = device,
                FileSystem = kind.ToString().ToLowerInvariant(),
                Class = MountClass.Volume,
                Options = options,
                FstabOptions = "defaults",
                SizeBytes = size,
                UsedBytes = used,
                UsedInodes = 1000,
                Specification = new FileSystemSpec
                {
                    Kind = kind,
                    Uuid = kind == FileSystemKind.Vfat ? "1234-ABCD" : $"00000000-0000-4000-8000-{mounts.Count:d12}",
                    Ext =
                        kind == FileSystemKind.Ext4
                            ? new ExtParameters
                            {
                                Features = ["has_journal", "extent"],
                                InodeSizeBytes = 256,
                                InodeCount = size / 16384,
                                SourceSizeBytes = size,
                            }
                            : null,
                    Xfs = kind == FileSystemKind.Xfs ? new XfsParameters { Crc = true, Reflink = true } : null,
                },
            }
        );
        return this;
    }

    public SourceFactsBuilder OtherMount(string mountPoint, string device, string type, MountClass mountClass)
    {
        mounts.Add(
            new MountFacts
            {
                MountPoint = mountPoint,
                Device = device,
                FileSystem = type,
                Class = mountClass,
            }
        );
        return this;
    }

    public SourceFactsBuilder Swap(string path, long size, bool isFile = false)
    {
        swaps.Add(new SwapFacts(path, isFile, size, isFile ? null : "5a5a5a5a-0000-4000-8000-000000000001", null));
        return this;
    }

    public SourceFactsBuilder Adapter(string name, string mac, bool isPhysical = true)
    {
        adapters.Add(
            new NetworkAdapterFacts
            {
                Name = name,
                MacAddress = mac,
                IsPhysical = isPhysical,
                IsUp = true,
                Addresses = ["192.0.2.10/24"],
            }
        );
        return this;
    }

    public SourceFactsBuilder Drivers(params string[] names)
    {
        drivers.Clear();
        drivers.AddRange(names);
        return this;
    }

    public SourceFacts Build() =>
        new()
        {
            HostName = HostName,
            OperatingSystem = new OperatingSystemFacts
            {
                Id = "debian",
                VersionId = "12",
                PrettyName = "Debian GNU/Linux 12",
                RunningKernel = "6.1.0-40-amd64",
                Architecture = Architecture,
            },
            Hardware = new HardwareFacts
            {
                Firmware = Firmware,
                CpuCount = CpuCount,
                SocketCount = SocketCount,
                MemoryBytes = MemoryBytes,
            },
            Kernels =
            [
                new KernelFacts("5.10.0-9-amd64", null, null, []),
                new KernelFacts("6.1.0-40-amd64", "/boot/vmlinuz-6.1.0-40-amd64", null, drivers),
            ],
            BlockDevices = devices,
            VolumeGroups = groups,
            Mounts = mounts,
            Swaps = swaps,
            Network = new NetworkFacts { Adapters = adapters },
            Boot = new BootFacts
            {
                Loader = Loader,
                BootDisk = BootDisk,
                InitramfsTool = "initramfs-tools",
            },
            Tools = new ToolFacts
            {
                Versions = new Dictionary<string, string> { ["tar"] = "tar (GNU tar) 1.34", ["find"] = "find (GNU findutils) 4.9.0" },
                HasGnuTar = true,
                HasGnuFind = true,
            },
            IsRoot = true,
            ReadAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        };

    private static string PartUuid(string disk, int number) => $"aaaaaaaa-0000-4000-8000-{(disk[^1] * 100) + number:d12}";
}
