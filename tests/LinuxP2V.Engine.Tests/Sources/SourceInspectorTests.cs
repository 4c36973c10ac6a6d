using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Sources;

public sealed class SourceInspectorTests
{
    private const long GB = 1L << 30;

    private static SourceFacts Sound =>
        new()
        {
            HostName = "web01",
            OperatingSystem = new OperatingSystemFacts
            {
                Id = "debian",
                PrettyName = "Debian",
                RunningKernel = "6.1.0-1-amd64",
                Architecture = "x86_64",
            },
            Hardware = new HardwareFacts
            {
                Firmware = Firmware.Bios,
                CpuCount = 2,
                MemoryBytes = 4 * GB,
                Manufacturer = "Dell Inc.",
                Product = "PowerEdge R640",
            },
            Kernels =
            [
                new KernelFacts(
                    "6.1.0-1-amd64",
                    "/boot/vmlinuz-6.1.0-1-amd64",
                    "/boot/initrd.img-6.1.0-1-amd64",
                    ["ahci", "e1000e", "vmw_pvscsi", "vmxnet3"]
                ),
            ],
            BlockDevices =
            [
                Disk("sda", "/dev/sda") with
                {
                    PartitionTable = PartitionTableKind.Mbr,
                },
                Disk("sda1", "/dev/sda1") with
                {
                    Kind = BlockDeviceKind.Partition,
                    Parents = ["sda"],
                    SizeBytes = 10 * GB,
                    Partition = new PartitionFacts(1, 1 << 20, "83", null, null, true),
                },
                Disk("sdb", "/dev/sdb"),
            ],
            Mounts = [Volume("/", "/dev/sda1", "ext4")],
            Boot = new BootFacts
            {
                Loader = "grub2",
                ConfigurationPath = "/boot/grub/grub.cfg",
                InitramfsTool = "initramfs-tools",
                BootDisk = "sda",
                BootCodeDisks = ["sda"],
            },
            Tools = new ToolFacts
            {
                Versions = new Dictionary<string, string> { ["tar"] = "tar (GNU tar) 1.34", ["find"] = "find (GNU findutils) 4.9.0" },
                HasGnuTar = true,
                HasGnuFind = true,
            },
            IsRoot = true,
        };

    public static TheoryData<string, FindingSeverity, Func<SourceFacts, SourceFacts>> Troubles =>
        new()
        {
            { "RootRequired", FindingSeverity.Error, facts => facts with { IsRoot = false } },
            { "SudoLogsOutput", FindingSeverity.Error, facts => facts with { IsSudoOutputLogged = true } },
            {
                "ArchitectureNotSupported",
                FindingSeverity.Error,
                facts => facts with { OperatingSystem = facts.OperatingSystem with { Architecture = "aarch64" } }
            },
            {
                "UnsupportedArchitecture",
                FindingSeverity.Warning,
                facts => facts with { OperatingSystem = facts.OperatingSystem with { Architecture = "i686" } }
            },
            { "BootLoaderNotSupported", FindingSeverity.Error, facts => facts with { Boot = facts.Boot with { Loader = null } } },
            { "BootLoaderNotSupported", FindingSeverity.Error, facts => facts with { Boot = facts.Boot with { Loader = "lilo" } } },
            {
                "ReconfigurationToolMissing",
                FindingSeverity.Error,
                facts => facts with { Boot = facts.Boot with { InitramfsTool = null } }
            },
            {
                "ReconfigurationToolMissing",
                FindingSeverity.Error,
                facts => facts with { Boot = facts.Boot with { InitramfsTool = "mkinitrd" } }
            },
            {
                "KernelModulesNotListed",
                FindingSeverity.Error,
                facts => facts with { Kernels = [facts.Kernels[0] with { IsModuleListMissing = true }] }
            },
            {
                "SourceNotConvertible",
                FindingSeverity.Error,
                facts => facts with { Container = "lxc", Boot = facts.Boot with { Loader = null }, Kernels = [] }
            },
            {
                "FactsIncomplete",
                FindingSeverity.Warning,
                facts => facts with { Problems = [new ReadingProblem("/dev/sdc", "its beginning cannot be read")] }
            },
            {
                "MultipleBootDisks",
                FindingSeverity.Information,
                facts => facts with { Boot = facts.Boot with { BootCodeDisks = ["sda", "sdb"] } }
            },
            {
                "FileSystemNotSupported",
                FindingSeverity.Error,
                facts => facts with { Mounts = [.. facts.Mounts, Volume("/data", "/dev/sdb", "reiserfs")] }
            },
            {
                "BtrfsCopiedAsFiles",
                FindingSeverity.Information,
                facts => facts with { Mounts = [.. facts.Mounts, Volume("/data", "/dev/sdb", "btrfs")] }
            },
            { "MissingTar", FindingSeverity.Error, facts => facts with { Tools = new ToolFacts { HasGnuFind = true } } },
            { "MissingFind", FindingSeverity.Warning, facts => facts with { Tools = facts.Tools with { HasGnuFind = false } } },
            { "LimitedTar", FindingSeverity.Warning, facts => facts with { Tools = facts.Tools with { HasGnuTar = false } } },
            {
                "KernelMissing",
                FindingSeverity.Warning,
                facts => facts with { OperatingSystem = facts.OperatingSystem with { RunningKernel = "9.9" } }
            },
            { "BootFolderEmpty", FindingSeverity.Error, facts => facts with { Kernels = [facts.Kernels[0] with { ImagePath = null }] } },
            { "NoVmDrivers", FindingSeverity.Error, facts => facts with { Kernels = [facts.Kernels[0] with { Drivers = ["ahci"] }] } },
            { "NoVmDrivers", FindingSeverity.Error, facts => facts with { Kernels = [facts.Kernels[0] with { Drivers = ["vmxnet3"] }] } },
            {
                "SkippedFileSystem",
                FindingSeverity.Information,
                facts => facts with { Mounts = [.. facts.Mounts, Volume("/nfs", "srv:/x", "nfs4") with { Class = MountClass.Network }] }
            },
            {
                "SkippedFileSystem",
                FindingSeverity.Warning,
                facts => facts with { Mounts = [.. facts.Mounts, Volume("/usb", "/dev/sdz", "ext4") with { Class = MountClass.Removable }] }
            },
            { "BusyDatabase", FindingSeverity.Warning, facts => facts with { RunningDatabases = ["mysqld"] } },
            {
                "LittleFreeSpace",
                FindingSeverity.Warning,
                facts => facts with { Mounts = [Volume("/", "/dev/sda1", "ext4") with { UsedBytes = (10 * GB) - (20 << 20) }] }
            },
            { "SELinuxEnforcing", FindingSeverity.Information, facts => facts with { SELinux = "Enforcing" } },
            { "SecureBootOn", FindingSeverity.Warning, facts => facts with { Hardware = facts.Hardware with { SecureBoot = true } } },
            { "TpmKeysStay", FindingSeverity.Information, facts => facts with { Hardware = facts.Hardware with { HasTpm = true } } },
            {
                "EfiSystemPartitionMissing",
                FindingSeverity.Error,
                facts => facts with { Hardware = facts.Hardware with { Firmware = Firmware.Uefi } }
            },
            { "SourceNotConvertible", FindingSeverity.Error, facts => facts with { Mounts = [] } },
            { "SwapFile", FindingSeverity.Information, facts => facts with { Swaps = [new SwapFacts("/swapfile", true, GB, null, null)] } },
            {
                "VirtualMachineSource",
                FindingSeverity.Information,
                facts => facts with { Hardware = facts.Hardware with { Manufacturer = "VMware, Inc." } }
            },
            {
                "LuksFlattened",
                FindingSeverity.Warning,
                facts =>
                    facts with
                    {
                        BlockDevices =
                        [
                            .. facts.BlockDevices,
                            Disk("dm-0", "/dev/mapper/root") with
                            {
                                Kind = BlockDeviceKind.Crypt,
                                Detail = "LUKS2",
                                Parents = ["sda1"],
                            },
                        ],
                        Mounts = [Volume("/", "/dev/mapper/root", "ext4")],
                    }
            },
            {
                "LvmLayoutFlattened",
                FindingSeverity.Warning,
                facts =>
                    facts with
                    {
                        BlockDevices =
                        [
                            .. facts.BlockDevices,
                            Disk("dm-0", "/dev/mapper/vg-root") with
                            {
                                Kind = BlockDeviceKind.LogicalVolume,
                                Parents = ["sdb"],
                            },
                        ],
                        Mounts = [Volume("/", "/dev/mapper/vg-root", "ext4")],
                        VolumeGroups =
                        [
                            new VolumeGroupFacts
                            {
                                Name = "vg",
                                ExtentSizeBytes = 4 << 20,
                                SizeBytes = 9 * GB,
                                FreeBytes = 0,
                                PhysicalVolumes = ["/dev/sdb"],
                                LogicalVolumes = [new LogicalVolumeFacts("root", "/dev/mapper/vg-root", 10 * GB, "thin")],
                            },
                        ],
                    }
            },
        };

    [Theory]
    [MemberData(nameof(Troubles))]
    public void Trouble_is_found_and_only_that(string id, FindingSeverity severity, Func<SourceFacts, SourceFacts> spoil)
    {
        var findings = SourceInspector.Inspect(spoil(Sound));

        var finding = Assert.Single(findings, candidate => candidate.Id == id);
        Assert.Equal(severity, finding.Severity);
        Assert.All(
            findings,
            candidate => Assert.True(candidate.What.Length > 20 && candidate.Remedy.Length > 5 && candidate.Subject.Length > 0)
        );
        Assert.Equal(findings.OrderByDescending(candidate => candidate.Severity), findings);
        // What follows from it may be told too, but no other trouble.
        string[] companions = ["LiveCopy", "DistributionProof", "KernelMissing", "BtrfsSubvolumesUnknown", "BtrfsCopiedAsFiles"];
        Assert.All(findings, candidate => Assert.True(candidate.Id == id || companions.Contains(candidate.Id), candidate.ToString()));
    }

    [Fact]
    public void Sound_machine_gives_no_trouble() =>
        Assert.Equal(["DistributionProof", "LiveCopy"], SourceInspector.Inspect(Sound).Select(finding => finding.Id));

    [Theory]
    [InlineData("/data")]
    [InlineData("/data/")]
    [InlineData("/da*")]
    [InlineData("/dat[ab]")]
    [InlineData("/dev/sdb")]
    public void Volume_that_is_left_out_is_not_complained_about(string pattern)
    {
        var facts = Sound with { Mounts = [.. Sound.Mounts, Volume("/data", "/dev/sdb", "reiserfs")] };
        Assert.Contains(SourceInspector.Inspect(facts), finding => finding.Id == "FileSystemNotSupported");
        Assert.DoesNotContain(
            SourceInspector.Inspect(facts, new TaskSettings { ExcludeVolumes = [pattern] }),
            finding => finding.Id == "FileSystemNotSupported"
        );
    }

    [Fact]
    public void Larger_volume_has_room()
    {
        var facts = Sound with { Mounts = [Sound.Mounts[0] with { UsedBytes = 10 * GB }] };
        Assert.Contains(SourceInspector.Inspect(facts), finding => finding.Id == "LittleFreeSpace");
        var settings = new TaskSettings { VolumeSizes = new Dictionary<string, long> { ["/"] = 20 * GB } };
        Assert.DoesNotContain(SourceInspector.Inspect(facts, settings), finding => finding.Id == "LittleFreeSpace");
    }

    public static TheoryData<string, FindingSeverity?, string, CopyOptions, long, string> CopyWishes =>
        new()
        {
            {
                "SnapshotNoRoom",
                FindingSeverity.Error,
                "3 free extents (12 MB)",
                new CopyOptions { Snapshot = true },
                3 << 20 << 2,
                "linear"
            },
            {
                "SnapshotNoRoom",
                FindingSeverity.Error,
                "need at least 51.2 MB each, 3 at once",
                new CopyOptions { Snapshot = true },
                300 << 20,
                "linear"
            },
            {
                "SnapshotLittleRoom",
                FindingSeverity.Warning,
                "400 MB free for snapshots of 40 GB",
                new CopyOptions { Snapshot = true },
                400 << 20,
                "linear"
            },
            {
                "SnapshotLittleRoom",
                null,
                "",
                new CopyOptions { Snapshot = true },
                3L << 30,
                "linear"
            },
            {
                "SnapshotNoRoom",
                null,
                "",
                new CopyOptions { Snapshot = true },
                0,
                "thin"
            },
            { "SnapshotNoRoom", null, "", new CopyOptions(), 0, "linear" },
            {
                "SnapshotPartial",
                FindingSeverity.Information,
                "1 of 5 volumes",
                new CopyOptions { Snapshot = true },
                3L << 30,
                "linear"
            },
            {
                "BlockCopyNotFrozen",
                FindingSeverity.Error,
                "/, /v1, /v2, /v3, /boot are mounted",
                new CopyOptions { Mode = CopyMode.Block },
                0,
                "linear"
            },
            {
                "BlockCopyNotFrozen",
                FindingSeverity.Error,
                "/boot is mounted for writing and not on LVM",
                new CopyOptions { Mode = CopyMode.Block, Snapshot = true },
                3L << 30,
                "linear"
            },
            {
                "BlockCopyNotFrozen",
                null,
                "",
                new CopyOptions { Mode = CopyMode.Auto },
                0,
                "linear"
            },
        };

    [Theory]
    [MemberData(nameof(CopyWishes))]
    public void What_the_copy_is_asked_for_is_held_against_the_source(
        string id,
        FindingSeverity? severity,
        string text,
        CopyOptions wish,
        long free,
        string layout
    )
    {
        var names = new[] { "root", "v1", "v2", "v3" };
        var facts = Sound with
        {
            Mounts =
            [
                .. names.Select(name => Volume(name == "root" ? "/" : "/" + name, "/dev/mapper/vg-" + name, "ext4")),
                Volume("/boot", "/dev/sda1", "ext4"),
            ],
            VolumeGroups =
            [
                new VolumeGroupFacts
                {
                    Name = "vg",
                    ExtentSizeBytes = 4 << 20,
                    SizeBytes = 60 * GB,
                    FreeBytes = free,
                    PhysicalVolumes = ["/dev/sda2"],
                    LogicalVolumes = [.. names.Select(name => new LogicalVolumeFacts(name, "/dev/mapper/vg-" + name, 10 * GB, layout))],
                },
            ],
        };
        var found = SourceInspector.Inspect(facts, new TaskSettings { Copy = wish }).Where(finding => finding.Id == id).ToList();
        Assert.Equal(severity, found.SingleOrDefault()?.Severity);
        Assert.All(found, finding => Assert.Contains(text, finding.What, StringComparison.Ordinal));
    }

    [Fact]
    public void Snapshots_without_LVM_are_told_and_a_volume_that_stands_still_needs_none()
    {
        Assert.Contains(
            SourceInspector.Inspect(Sound, new TaskSettings { Copy = new CopyOptions { Snapshot = true } }),
            finding => finding.Id == "SnapshotNotPossible"
        );
        var still = Sound with
        {
            Mounts =
            [
                Sound.Mounts[0] with
                {
                    Options = "ro,relatime",
                    Specification = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
                },
            ],
        };
        Assert.Equal(
            ["DistributionProof", "LiveCopy"],
            SourceInspector
                .Inspect(still, new TaskSettings { Copy = new CopyOptions { Mode = CopyMode.Block } })
                .Select(finding => finding.Id)
        );
    }

    private static BlockDeviceFacts Disk(string name, string path) =>
        new()
        {
            Name = name,
            Path = path,
            Kind = BlockDeviceKind.Disk,
            SizeBytes = 20 * GB,
        };

    private static MountFacts Volume(string point, string device, string type) =>
        new()
        {
            MountPoint = point,
            Device = device,
            FileSystem = type,
            Class = MountClass.Volume,
            SizeBytes = 10 * GB,
            UsedBytes = GB,
            Specification = Enum.TryParse<FileSystemKind>(type, ignoreCase: true, out var kind) ? new FileSystemSpec { Kind = kind } : null,
        };
}
