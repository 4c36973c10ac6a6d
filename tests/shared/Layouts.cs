using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Tests.Shared;

/// <summary>Layouts of destination machines.</summary>
internal static class Layouts
{
    public const long MiB = 1L << 20;
    public const string LinuxType = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
    public const string BiosBootType = "21686148-6449-6E6F-744E-656564454649";
    public const string BootUuid = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c01";
    public const string RootUuid = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c02";
    public const string SwapUuid = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c03";

    /// <summary>What dumpe2fs lists of a Debian 12 root that was running.</summary>
    public static readonly string[] Ext4Features =
    [
        "has_journal",
        "ext_attr",
        "resize_inode",
        "dir_index",
        "orphan_file",
        "filetype",
        "needs_recovery",
        "extent",
        "64bit",
        "flex_bg",
        "sparse_super",
        "large_file",
        "huge_file",
        "dir_nlink",
        "extra_isize",
        "metadata_csum",
    ];

    /// <summary>GPT with BIOS boot, /boot, / and swap: the shape of a Debian server.</summary>
    public static TargetLayout DebianBios(long rootMiB = 3000, FileSystemKind root = FileSystemKind.Ext4) =>
        new()
        {
            Firmware = Firmware.Bios,
            Disks =
            [
                new TargetDisk
                {
                    Number = 0,
                    SizeBytes = (rootMiB + 600) * MiB,
                    Address = new DiskAddress(DiskController.Pvscsi, 0, 0),
                    PartitionTable = PartitionTableKind.Gpt,
                    Identifier = "6B8B4567-327B-4C3A-A9B3-2EFA5C1B7D01",
                    IsBootDisk = true,
                    Partitions =
                    [
                        new()
                        {
                            Number = 1,
                            StartBytes = 34 * 512,
                            SizeBytes = 2014 * 512,
                            Type = BiosBootType,
                        },
                        new()
                        {
                            Number = 2,
                            StartBytes = MiB,
                            SizeBytes = 400 * MiB,
                            Type = LinuxType,
                            Uuid = "11111111-2222-4333-8444-555555555555",
                            Name = "boot \"a\"",
                            IsActive = true,
                        },
                        new()
                        {
                            Number = 3,
                            StartBytes = 401 * MiB,
                            SizeBytes = rootMiB * MiB,
                            Type = LinuxType,
                        },
                        new()
                        {
                            Number = 4,
                            StartBytes = (401 + rootMiB) * MiB,
                            SizeBytes = 100 * MiB,
                            Type = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
                        },
                    ],
                },
            ],
            Volumes =
            [
                Volume(
                    "/",
                    3,
                    new FileSystemSpec
                    {
                        Kind = root,
                        Uuid = RootUuid,
                        Label = "root",
                        Ext = root == FileSystemKind.Ext4 ? Ext() : null,
                    },
                    "/dev/sda3"
                ),
                Volume(
                    "/boot",
                    2,
                    new FileSystemSpec
                    {
                        Kind = FileSystemKind.Ext4,
                        Uuid = BootUuid,
                        Ext = Ext(),
                    },
                    "/dev/sda2"
                ),
                new TargetVolume
                {
                    Id = $"swap:{SwapUuid}",
                    Device = DeviceReference.OnDisk(0, 4),
                    FileSystem = new FileSystemSpec { Kind = FileSystemKind.Swap, Uuid = SwapUuid },
                    SourceDevice = "/dev/sda4",
                },
            ],
        };

    public static TargetVolume Volume(string mountPoint, int partition, FileSystemSpec spec, string source) =>
        new()
        {
            Id = mountPoint,
            MountPoint = mountPoint,
            Device = DeviceReference.OnDisk(0, partition),
            FileSystem = spec,
            SourceDevice = source,
        };

    public static ExtParameters Ext() =>
        new()
        {
            Features = Ext4Features,
            InodeSizeBytes = 256,
            ReservedPercent = 3,
            DefaultMountOptions = ["user_xattr", "acl"],
        };
}
