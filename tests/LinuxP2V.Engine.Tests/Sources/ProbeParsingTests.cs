using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Sources.Probing;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Text of other machines, which this one cannot show.</summary>
public sealed class ProbeParsingTests
{
    [Fact]
    public void Lvm_columns_become_groups()
    {
        var groups = LvmReader.Read(
            ["  vg-data|4194304|21470642176|1073741824", "  old|33554432B|10737418240B|0B"],
            [
                "  vg-data|root|10737418240|linear|-wi-ao----",
                "  vg-data|big|8589934592|linear|-wi-ao----",
                "  vg-data|big|8589934592|striped|-wi-ao----",
                "  vg-data|pool|5368709120|thin-pool|twi-aotz--",
                "  vg-data|thin-1|2147483648|thin|Vwi-aotz--",
                "  vg-data|snap|1073741824|linear|swi-a-s---",
            ],
            ["  /dev/sda2|vg-data", "  /dev/mapper/mpatha|vg-data", "  /dev/sdb|", "  [unknown]|vg-data"]
        );

        Assert.Equal(["vg-data", "old"], groups.Select(group => group.Name));
        Assert.Equal(["/dev/sda2", "/dev/mapper/mpatha"], groups[0].PhysicalVolumes);
        Assert.Equal(
            [
                new LogicalVolumeFacts("root", "/dev/mapper/vg--data-root", 10737418240, "linear") { IsOpen = true },
                new LogicalVolumeFacts("big", "/dev/mapper/vg--data-big", 8589934592, "striped") { IsOpen = true },
                new LogicalVolumeFacts("pool", "/dev/mapper/vg--data-pool", 5368709120, "thin-pool") { IsOpen = true },
                new LogicalVolumeFacts("thin-1", "/dev/mapper/vg--data-thin--1", 2147483648, "thin") { IsOpen = true },
                new LogicalVolumeFacts("snap", "/dev/mapper/vg--data-snap", 1073741824, "snapshot"),
            ],
            groups[0].LogicalVolumes
        );
        Assert.Equal(33554432, groups[1].ExtentSizeBytes);
        Assert.Equal(10737418240, groups[1].SizeBytes);
    }

    [Fact]
    public void Md_crypt_and_multipath_are_told_apart()
    {
        var facts = Read(
            """
            @ block sda
            dev=8:0
            size=4194304
            removable=0
            holder=dm-0
            @ block sdb
            dev=8:16
            size=4194304
            holder=dm-0
            @ block dm-0
            dev=253:0
            size=4194304
            dm/name=mpatha
            dm/uuid=mpath-3600508b400105e210000900000490000
            slave=sda
            slave=sdb
            @ block dm-1
            dev=253:1
            size=2097152
            dm/name=mpatha-part1
            dm/uuid=part1-mpath-3600508b400105e210000900000490000
            slave=dm-0
            @ block md0
            dev=9:0
            size=1000000
            md/level=raid1
            slave=vda1
            slave=vdb1
            @ block vda
            dev=252:0
            size=2000000
            @ block vda1
            disk=vda
            dev=252:1
            size=1000002
            partition=1
            start=2048
            holder=md0
            @ block vdb
            dev=252:16
            size=2000000
            @ block vdb1
            disk=vdb
            dev=252:17
            size=1000002
            partition=1
            start=2048
            holder=md0
            E:ID_FS_UUID=11111111-2222-3333-4444-555555555555
            @ block dm-2
            dev=253:2
            size=900000
            dm/name=secret
            dm/uuid=CRYPT-LUKS2-00112233445566778899aabbccddeeff-secret
            slave=md0
            @ file /proc/self/mountinfo
            20 1 253:2 / / rw - ext4 /dev/mapper/secret rw
            21 20 253:1 / /mnt/san rw - xfs /dev/mapper/mpatha-part1 rw
            """
        );

        BlockDeviceFacts Device(string name) => facts.BlockDevices.Single(device => device.Name == name);
        Assert.Equal((BlockDeviceKind.Multipath, "/dev/mapper/mpatha"), (Device("dm-0").Kind, Device("dm-0").Path));
        Assert.Equal("mpath_member", Device("sda").ContentType);
        Assert.Equal((BlockDeviceKind.Partition, 1), (Device("dm-1").Kind, Device("dm-1").Partition!.Number));
        Assert.Equal((BlockDeviceKind.Raid, "raid1"), (Device("md0").Kind, Device("md0").Detail));
        Assert.Equal(("linux_raid_member", "11111111-2222-3333-4444-555555555555"), (Device("vdb1").ContentType, Device("vdb1").Uuid));
        Assert.Equal((BlockDeviceKind.Crypt, "LUKS2"), (Device("dm-2").Kind, Device("dm-2").Detail));
        var names = facts.BlockDevices.Select(device => device.Name).ToList();
        Assert.All(
            facts.BlockDevices,
            device => Assert.All(device.Parents, parent => Assert.True(names.IndexOf(parent) < names.IndexOf(device.Name)))
        );
        Assert.Equal(["/", "/mnt/san"], facts.Mounts.Where(mount => mount.Class == MountClass.Volume).Select(mount => mount.MountPoint));

        var findings = LinuxP2V.Engine.Inspection.SourceInspector.Inspect(facts).Select(finding => finding.Id).ToList();
        Assert.Contains("MdRaidFlattened", findings);
        Assert.Contains("MultipathFlattened", findings);
        Assert.Contains("LuksFlattened", findings);
    }

    [Fact]
    public void Mounts_are_sorted_into_classes()
    {
        var facts = Read(
            """
            @ block sda
            dev=8:0
            size=4194304
            removable=1
            @ block sda1
            disk=sda
            dev=8:1
            partition=1
            start=2048
            size=2097152
            @ block sda2
            disk=sda
            dev=8:2
            partition=2
            start=2099200
            size=2000000
            @ block sdb
            link=/sys/devices/pci0000:00/usb2/2-1/block/sdb
            dev=8:16
            size=4194304
            @ block loop3
            dev=7:3
            size=1000
            loop/backing_file=/var/lib/snapd/core.snap
            @ usage /
            4096 1000 400 200 150
            @ usage /mnt/a\040b
            Filesystem 1024-blocks Used Available Capacity Mounted on
            /dev/sda2 1000 250 750 25% /mnt/a b
            Filesystem Inodes IUsed IFree IUse% Mounted on
            /dev/sda2 200 17 183 9% /mnt/a b
            @ file /etc/fstab
            # comment
            UUID=x / ext4 errors=remount-ro 0 1
            /dev/sda2 /mnt/a\040b ext3 noatime,ro
            @ file /proc/self/mountinfo
            20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw,errors=remount-ro
            21 20 8:1 /srv /export rw shared:1 - ext4 /dev/root rw
            22 20 8:2 / /mnt/a\040b rw - ext3 /dev/sda2 rw
            23 20 0:40 / /nfs rw - nfs4 server:/x\040y rw
            24 20 8:16 / /media/stick rw - vfat /dev/sdb rw
            25 20 7:3 / /snap/core ro - squashfs /dev/loop3 ro
            26 20 0:4 / /proc rw - proc proc rw
            27 20 0:50 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
            28 20 0:51 / /pool rw - zfs pool rw
            29 20 0:52 / /auto rw - autofs systemd-1 rw
            30 29 0:53 / /auto rw - nfs server:/auto rw
            """
        );

        MountFacts Mount(string point) => facts.Mounts.Single(mount => mount.MountPoint == point);
        Assert.Equal(MountClass.Volume, Mount("/").Class);
        Assert.Equal("/dev/sda1", Mount("/").Device);
        Assert.Equal((4096000, 600 * 4096, 50), (Mount("/").SizeBytes, Mount("/").UsedBytes, Mount("/").UsedInodes));
        Assert.Equal("errors=remount-ro", Mount("/").FstabOptions);
        Assert.Equal(MountClass.Bind, Mount("/export").Class);
        Assert.Equal(MountClass.Volume, Mount("/mnt/a b").Class);
        Assert.Equal((1024000, 256000, 17), (Mount("/mnt/a b").SizeBytes, Mount("/mnt/a b").UsedBytes, Mount("/mnt/a b").UsedInodes));
        Assert.Equal("noatime,ro", Mount("/mnt/a b").FstabOptions);
        Assert.Equal((MountClass.Network, "server:/x y"), (Mount("/nfs").Class, Mount("/nfs").Device));
        Assert.Equal(MountClass.Removable, Mount("/media/stick").Class);
        Assert.Equal(MountClass.Loop, Mount("/snap/core").Class);
        Assert.Equal(MountClass.Pseudo, Mount("/proc").Class);
        Assert.Equal(MountClass.Pseudo, Mount("/var/lib/docker/overlay2/x/merged").Class);
        Assert.Equal(MountClass.Volume, Mount("/pool").Class);
        Assert.Null(Mount("/pool").Specification);
        Assert.Equal(MountClass.Network, Mount("/auto").Class);
    }

    [Fact]
    public void Btrfs_subvolumes_are_volumes_of_one_file_system()
    {
        var facts = Read(
            """
            @ block sda
            dev=8:0
            size=4194304
            @ file /proc/self/mountinfo
            20 1 0:30 /@ / rw - btrfs /dev/sda rw,subvolid=256,subvol=/@
            21 20 0:30 /@home /home rw - btrfs /dev/sda rw,subvolid=257,subvol=/@home
            22 20 0:30 /@home/alice /srv/alice rw - btrfs /dev/sda rw,subvolid=257,subvol=/@home
            @ usage /
            4096 1000 400 0 0
            @ usage /home
            4096 1000 400 0 0
            """
        );

        Assert.Equal([MountClass.Volume, MountClass.Volume, MountClass.Bind], facts.Mounts.Select(mount => mount.Class));
        Assert.Equal(["@", "@home", "@home"], facts.Mounts.Select(mount => mount.Subvolume));
        // All of it is told once.
        Assert.Equal(
            [600 * 4096, 0, 600 * 4096],
            facts.Mounts.Select(mount => mount.MountPoint == "/srv/alice" ? 600 * 4096 : mount.UsedBytes)
        );
        Assert.Equal(["/dev/sda"], Assert.Single(facts.BtrfsFileSystems).Devices);
    }

    [Theory]
    [InlineData("/etc/redhat-release", "CentOS release 6.10 (Final)", "centos", "6.10")]
    [InlineData("/etc/redhat-release", "Red Hat Enterprise Linux Server release 5.11 (Tikanga)", "rhel", "5.11")]
    [InlineData("/etc/debian_version", "6.0.10", "debian", "6.0.10")]
    [InlineData("/etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4", "sles", "11.4")]
    [InlineData("/etc/issue", "Some Linux 3 \\n \\l", "linux", null)]
    public void Machines_without_os_release_tell_what_they_are(string file, string text, string id, string? version)
    {
        var system = Read($"@ file {file}\n{text}").OperatingSystem;
        Assert.Equal((id, version), (system.Id, system.VersionId));
    }

    [Theory]
    [InlineData("/boot/grub/grub.cfg", "", "grub2", "/boot/grub/grub.cfg")]
    [InlineData("/boot/grub/menu.lst", "", "grub-legacy", "/boot/grub/menu.lst")]
    [InlineData("/boot/extlinux/extlinux.conf", "", "extlinux", "/boot/extlinux/extlinux.conf")]
    [InlineData("/etc/lilo.conf", "", "lilo", "/etc/lilo.conf")]
    [InlineData("/boot/efi/loader/loader.conf", "", "systemd-boot", "/boot/efi/loader/loader.conf")]
    [InlineData(
        "/boot/grub/grub.cfg\n/boot/efi/loader/loader.conf",
        @"Boot0001* Linux HD(1,GPT)/File(\EFI\systemd\systemd-bootx64.efi)",
        "systemd-boot",
        "/boot/efi/loader/loader.conf"
    )]
    [InlineData(
        "/boot/grub/grub.cfg\n/boot/efi/loader/loader.conf",
        @"Boot0001* debian HD(1,GPT)/File(\EFI\debian\shimx64.efi)",
        "grub2",
        "/boot/grub/grub.cfg"
    )]
    [InlineData(
        "/boot/efi/loader/entries/system-opensuse-1.conf\n/boot/efi/EFI/opensuse/grub.efi",
        "",
        "grub2",
        "/boot/efi/loader/entries/system-opensuse-1.conf"
    )]
    [InlineData("/boot/efi/EFI/redhat/grub.conf\n/boot/efi/EFI/redhat/grub.efi", "", "grub-legacy", "/boot/efi/EFI/redhat/grub.conf")]
    [InlineData("", "", null, null)]
    public void Boot_loader_is_recognised(string files, string entry, string? loader, string? path)
    {
        var boot = Read(
            $"@ firmware\nuefi\nsecureboot   6   0   0   0   1 \n@ efibootmgr\nBootCurrent: 0001\nTimeout: 1 "
                + $"seconds\n{entry}\n@ boot-files\n{files}"
        ).Boot;
        Assert.Equal((loader, path), (boot.Loader, boot.ConfigurationPath));
        Assert.Equal(entry.Length == 0 ? null : entry, boot.CurrentEfiEntry);
    }

    [Fact]
    public void Secure_boot_memory_and_databases_are_read()
    {
        var facts = Read(
            """
            @ uid
            0
            @ firmware
            uefi
            secureboot   6   0   0   0   1 
            tpm
            @ cpu
            8
            model name	: Some CPU @ 2.0GHz
            socket 0
            socket 1
            @ memory
            MemTotal:       16384000 kB
            @ selinux
            1
            @ processes
            Name:	ora_pmon_ORCL
            Name:	postgres
            Name:	bash
            """
        );

        Assert.True(facts.Hardware.HasTpm);
        Assert.True(facts.Hardware.SecureBoot);
        Assert.Equal(
            (8, 2, "Some CPU @ 2.0GHz", 16384000L * 1024),
            (facts.Hardware.CpuCount, facts.Hardware.SocketCount, facts.Hardware.CpuModel, facts.Hardware.MemoryBytes)
        );
        Assert.Equal(["oracle", "postgres"], facts.RunningDatabases);
        Assert.Equal("Enforcing", facts.SELinux);
        Assert.True(facts.IsRoot);
    }

    /// <summary>Sections marked by @.</summary>
    internal static SourceFacts Read(string text) =>
        SourceFactsReader.Read(ProbeOutput.Parse(text + "\n@ end\n", "@"), DateTimeOffset.UnixEpoch);
}
