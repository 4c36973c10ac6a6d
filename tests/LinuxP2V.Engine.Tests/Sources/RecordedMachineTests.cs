using System.IO.Compression;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Sources.Probing;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>
/// The probe's real output in a VM with Debian's kernel, busybox and LVM: a GPT disk with /boot and a group over two
/// disks, an MBR disk with logical partitions, a RAID 1 with its superblock at the end, an encrypted device. No sfdisk.
/// </summary>
public sealed class RecordedMachineTests
{
    private const long MiB = 1L << 20;
    private readonly SourceFacts facts = Load("debian-lvm.txt.gz");

    [Fact]
    public void Disks_and_partitions()
    {
        var disk = Device("vda");
        Assert.Equal(
            (PartitionTableKind.Gpt, "8e1e3b1c-0a4b-4c7e-9b5b-0f1e2d3c4b5a", 400 * MiB),
            (disk.PartitionTable, disk.TableIdentifier, disk.SizeBytes)
        );
        Assert.Equal(
            new PartitionFacts(
                2,
                2 * MiB,
                "0fc63daf-8483-4772-8e79-3d69d8477de4",
                "3270f22a-46f9-434e-87c5-f28b5bfad873",
                "boot part",
                false
            ),
            Device("vda2").Partition
        );
        Assert.Equal(
            ("21686148-6449-6e6f-744e-656564454649", "02e8e874-fdbe-8b4b-abc6-216fc61ac06e"),
            (Device("vda1").Partition!.Type, Device("vda1").Partition!.Uuid)
        );
        Assert.Equal(("LVM2_member", "I9ohSq-JXCY-Yaqr-etFW-9eCJ-6A42-EDeBfg"), (Device("vda3").ContentType, Device("vda3").Uuid));

        Assert.Equal((PartitionTableKind.Mbr, "deadbeef"), (Device("vdc").PartitionTable, Device("vdc").TableIdentifier));
        Assert.Equal(
            ["0c", "05", "83", "82"],
            facts.BlockDevices.Where(device => device.Parents.Contains("vdc")).Select(device => device.Partition!.Type)
        );
        Assert.Equal(new PartitionFacts(6, 116736 * 512, "82", "deadbeef-06", null, false), Device("vdc6").Partition);
        Assert.True(Device("vdc1").Partition!.IsActive);
    }

    [Fact]
    public void Raid_crypt_and_their_members()
    {
        Assert.Equal(
            (BlockDeviceKind.Raid, "raid1", "ext4", "mirror"),
            (Device("md0").Kind, Device("md0").Detail, Device("md0").ContentType, Device("md0").Label)
        );
        Assert.Equal(
            ["linux_raid_member", "linux_raid_member"],
            facts.BlockDevices.Where(device => device.Name is "vdd" or "vde").Select(device => device.ContentType)
        );
        Assert.Equal(
            (BlockDeviceKind.Crypt, "LUKS2", "/dev/mapper/secret"),
            (Device("dm-4").Kind, Device("dm-4").Detail, Device("dm-4").Path)
        );
    }

    [Fact]
    public void Volume_group()
    {
        var group = Assert.Single(facts.VolumeGroups);
        Assert.Equal(("vg-demo", 4 * MiB), (group.Name, group.ExtentSizeBytes));
        Assert.Equal(["/dev/vda3", "/dev/vdb1"], group.PhysicalVolumes);
        Assert.Equal(
            [
                new LogicalVolumeFacts("root", "/dev/mapper/vg--demo-root", 200 * MiB, "linear") { IsOpen = true },
                new LogicalVolumeFacts("striped", "/dev/mapper/vg--demo-striped", 8 * MiB, "striped"),
                new LogicalVolumeFacts("swap_1", "/dev/mapper/vg--demo-swap_1", 32 * MiB, "linear") { IsOpen = true },
                new LogicalVolumeFacts("var", "/dev/mapper/vg--demo-var", 320 * MiB, "linear") { IsOpen = true },
            ],
            group.LogicalVolumes.OrderBy(volume => volume.Name, StringComparer.Ordinal)
        );
        Assert.All(
            group.LogicalVolumes,
            volume =>
                Assert.Contains(facts.BlockDevices, device => device.Path == volume.Path && device.Kind == BlockDeviceKind.LogicalVolume)
        );
    }

    [Fact]
    public void Volumes_and_swap()
    {
        Assert.Equal(
            ["/", "/a b", "/boot", "/data", "/mirror", "/secret", "/var"],
            facts.Mounts.Where(mount => mount.Class == MountClass.Volume).Select(mount => mount.MountPoint).Order(StringComparer.Ordinal)
        );
        Assert.Equal(MountClass.Bind, Mount("/bindview").Class);

        var root = Mount("/");
        Assert.Equal(("/dev/mapper/vg--demo-root", "errors=remount-ro"), (root.Device, root.FstabOptions));
        Assert.Equal(
            (FileSystemKind.Ext4, "11111111-2222-3333-4444-555555555555", "root"),
            (root.Specification!.Kind, root.Specification.Uuid, root.Specification.Label)
        );
        Assert.Equal(200 * MiB, root.Specification.Ext!.SourceSizeBytes);
        Assert.DoesNotContain("needs_recovery", root.Specification.Ext.Features);
        Assert.Contains("metadata_csum", root.Specification.Ext.Features);
        Assert.Equal(1.0, Mount("/boot").Specification!.Ext!.ReservedPercent!.Value, 0.01);

        var var = Mount("/var");
        Assert.Equal(
            (FileSystemKind.Xfs, "71967b8a-655e-4a57-872d-42caffeebe9d", "var"),
            (var.Specification!.Kind, var.Specification.Uuid, var.Specification.Label)
        );
        Assert.Equal((true, 512), (var.Specification.Xfs!.Crc, var.Specification.Xfs.InodeSizeBytes));
        Assert.True(var.UsedInodes > 0);
        Assert.Equal((FileSystemKind.Ext3, "ro"), (Mount("/a b").Specification!.Kind, Mount("/a b").FstabOptions));
        Assert.Equal((16, "4627-83F5"), (Mount("/data").Specification!.FatBits, Mount("/data").Specification!.Uuid));

        Assert.Equal(
            [new SwapFacts("/dev/mapper/vg--demo-swap_1", false, 32 * MiB, "df7d3393-40d2-46ff-bf57-c25f61501a5a", "swap")],
            facts.Swaps
        );
    }

    [Fact]
    public void System_and_boot()
    {
        Assert.Equal(("demo", "debian", "12"), (facts.HostName, facts.OperatingSystem.Id, facts.OperatingSystem.VersionId));
        var kernel = Assert.Single(facts.Kernels);
        Assert.Equal(facts.OperatingSystem.RunningKernel, kernel.Version);
        Assert.Equal(["ahci", "nvme", "virtio_blk", "virtio_net", "virtio_scsi", "vmw_pvscsi", "vmxnet3"], kernel.Drivers);
        Assert.Equal(("/boot/vmlinuz-" + kernel.Version, "/boot/initrd.img-" + kernel.Version), (kernel.ImagePath, kernel.InitramfsPath));
        Assert.Equal(("grub2", "/boot/grub/grub.cfg", "vda"), (facts.Boot.Loader, facts.Boot.ConfigurationPath, facts.Boot.BootDisk));
        Assert.Equal((Firmware.Bios, "QEMU"), (facts.Hardware.Firmware, facts.Hardware.Manufacturer));

        var findings = SourceInspector.Inspect(facts).ToDictionary(finding => finding.Id, finding => finding.Severity);
        // Nothing can build an initramfs there, but the kernel has nvme built in: the VM gets such a controller.
        Assert.DoesNotContain("ReconfigurationToolMissing", findings.Keys);
        Assert.Equal(FindingSeverity.Warning, findings["LimitedTar"]);
        Assert.Contains("MdRaidFlattened", findings.Keys);
        Assert.DoesNotContain("NoVmDrivers", findings.Keys);
    }

    private BlockDeviceFacts Device(string name) => facts.BlockDevices.Single(device => device.Name == name);

    private MountFacts Mount(string point) => facts.Mounts.Single(mount => mount.MountPoint == point);

    private static SourceFacts Load(string name)
    {
        using var stream = typeof(RecordedMachineTests).Assembly.GetManifestResourceStream(name)!;
        using var unzipped = new GZipStream(stream, CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        var output = ProbeOutput.Parse(reader.ReadToEnd(), "@@vm");
        Assert.True(output.IsComplete);
        return SourceFactsReader.Read(output, DateTimeOffset.UnixEpoch);
    }
}
