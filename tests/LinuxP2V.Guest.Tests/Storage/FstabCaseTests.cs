using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Storage;

/// <summary>/etc/fstab of machines from bug reports.</summary>
public sealed class FstabCaseTests
{
    private const string Root = "UUID=0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c02";
    private const string Data = "UUID=0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c04";

    [Theory]
    [InlineData("b03-btrfs-excluded-home", $"{Root} / btrfs defaults,subvol=@ 0 0")]
    [InlineData("b04-btrfs-excluded-home-devname", $"{Root} / btrfs defaults,subvol=@ 0 0")]
    public void Of_a_file_system_that_is_mounted_twice_one_place_can_be_left_out(string name, string root)
    {
        var lines = GuestCase.Run(name, "Fstab").Text("/etc/fstab").Split('\n');
        Assert.Equal(root, lines[0]);
        Assert.StartsWith("# linuxp2v: its volume is not part of the copy: ", lines[1], StringComparison.Ordinal);
        Assert.Contains(" /home btrfs ", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("f01-byid-mountpoint-spelling", $"{Data} /data/ xfs defaults 0 2")]
    [InlineData("f02-space", $"{Data} /srv/my\\040data xfs defaults 0 2")]
    public void The_mount_point_tells_the_volume_however_it_is_spelled(string name, string line) =>
        Assert.Equal(line, GuestCase.Run(name, "Fstab").Text("/etc/fstab").Split('\n')[1]);

    [Fact]
    public void Each_swap_of_an_unknown_name_gets_one_of_the_copys_areas() =>
        Assert.Equal(
            ["UUID=0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c03 none swap sw 0 0", "UUID=0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c09 none swap sw 0 0"],
            GuestCase.Run("f05-two-swaps-byid", "Fstab").Text("/etc/fstab").Split('\n')[1..3]
        );

    [Theory]
    [InlineData("f08-mbr-partuuid-renumber", "PARTUUID=6b8b4567-02 /srv")]
    [InlineData("f10-mbr-logical-partuuid", "PARTUUID=6b8b4567-05 /srv")]
    public void A_partition_that_has_another_number_is_named_by_its_file_system(string name, string leftOut)
    {
        var lines = GuestCase.Run(name, "Fstab").Text("/etc/fstab").Split('\n');
        Assert.Equal($"{Root} / ext4 defaults 0 1", lines[0]);
        Assert.Equal("PARTUUID=6b8b4567-01 /boot ext4 defaults 0 2", lines[1]);
        Assert.Equal($"# linuxp2v: its volume is not part of the copy: {leftOut} ext4 defaults 0 2", lines[2]);
    }

    [Fact]
    public void A_mirror_keeps_its_number_where_all_others_do()
    {
        var text = GuestCase.Run("f11-mbr-partuuid-mirror", "Fstab").Text("/etc/fstab");
        Assert.Equal(
            [
                "PARTUUID=6b8b4567-02 / ext4 defaults 0 1",
                "PARTUUID=6b8b4567-01 /boot ext4 defaults 0 2",
                "# linuxp2v: its volume is not part of the copy: PARTUUID=6b8b4567-03 /srv ext4 defaults 0 2",
            ],
            text.Split('\n')[..3]
        );
    }

    [Fact]
    public void A_layer_that_the_copy_lacks_tells_the_number_of_its_partition()
    {
        var text = GuestCase.Run("f12-mbr-partuuid-multipath", "Fstab").Text("/etc/fstab");
        Assert.Equal(
            [
                $"{Root} / ext4 defaults 0 1",
                "PARTUUID=6b8b4567-01 /boot ext4 defaults 0 2",
                // The 3 of /dev/mapper/crypt3 is no partition's.
                "# linuxp2v: its volume is not part of the copy: PARTUUID=6b8b4567-03 /srv ext4 defaults 0 2",
            ],
            text.Split('\n')[..3]
        );
    }

    [Theory]
    [InlineData("/dev/sda3", 3)]
    [InlineData("/dev/nvme0n1p12", 12)]
    [InlineData("/dev/cciss/c0d0p2", 2)]
    [InlineData("/dev/md126p1", 1)]
    [InlineData("/dev/mapper/mpathb2", 2)]
    [InlineData("/dev/mapper/3600508b1-part4", 4)]
    [InlineData("/dev/md0", null)]
    [InlineData("/dev/nvme0n1", null)]
    [InlineData("/dev/mapper/crypt3", null)]
    [InlineData("/dev/mapper/vg-lv1", null)]
    public void Numbers_of_partitions(string device, int? number) => Assert.Equal(number, DeviceNames.PartitionNumberOf(device));

    /// <summary>/ and /home are mounted subvolumes, @/var/lib/portables is seen as a folder of /, @backup was not seen.</summary>
    [Theory]
    [InlineData("/home btrfs subvolid=257,noatime 0 0", "/home btrfs subvol=/@home,noatime 0 0")]
    [InlineData("/home btrfs subvolid=257,subvol=@home 0 0", "/home btrfs subvol=@home 0 0")]
    [InlineData("/top btrfs subvolid=5,noauto 0 0", null)]
    [InlineData("/var/lib/portables btrfs subvol=/@/var/lib/portables 0 0", null)]
    [InlineData("/p btrfs subvol=@/var/lib/portables 0 0", null)]
    [InlineData("/home btrfs subvol=@home 0 0", null)]
    [InlineData("/backup btrfs subvol=@backup,noauto 0 0", "")]
    [InlineData("/.snapshots/1 btrfs subvol=@/.snapshots/1/snapshot 0 0", "")]
    public void Subvolumes_of_btrfs(string line, string? expected)
    {
        var plain = Samples.Server();
        TargetVolume At(string mount, string path, bool isNested = false) =>
            plain.Volumes[0] with
            {
                Id = mount,
                MountPoint = mount,
                FileSystem = plain.Volumes[0].FileSystem with { Kind = FileSystemKind.Btrfs },
                Subvolume = new TargetSubvolume(path) { IsNested = isNested },
            };
        var layout = plain with { Volumes = [At("/", "@"), At("/home", "@home"), At("/var/lib/portables", "@/var/lib/portables", true)] };
        var text = $"UUID={Layouts.RootUuid} {line}\n";
        var changed = FstabText.Transform(text, new DeviceMap(layout, new ReconfigureOptions { RunningKernel = "6.1" })).Text;
        Assert.Equal(
            expected switch
            {
                null => text,
                "" => $"# linuxp2v: its volume is not part of the copy: {text}",
                _ => $"UUID={Layouts.RootUuid} {expected}\n",
            },
            changed
        );
    }

    [Fact]
    public void Labels_multipath_and_old_controllers()
    {
        var lines = GuestCase.Run("v01-fstab-hardening", "Fstab").Text("/etc/fstab").Split('\n');
        Assert.Equal("LABEL=root / ext4 defaults 0 1", lines[0]);
        Assert.Equal("LABEL=\"boot part\" /boot ext4 defaults 0 2", lines[1]);
        Assert.Equal("/dev/disk/by-label/boot\\x20part /boot2 ext4 noauto 0 0", lines[2]);
        Assert.Equal("# linuxp2v: the VM has no such device: PARTLABEL=ESP /boot/efi vfat umask=0077 0 1", lines[3]);
        Assert.Equal($"{Data} /m1 xfs defaults,_netdev 0 0", lines[4]);
        Assert.StartsWith("UUID=0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c05 /m2 ", lines[5], StringComparison.Ordinal);
        Assert.Equal("/dev/VolGroup00/LogVol00 /m3 ext3 defaults 1 2", lines[6]);
        Assert.Equal(["192.0.2.1:/x", "//srv/x", "/swapfile", "tmpfs"], lines[7..11].Select(line => line.Split(' ')[0]));
        Assert.StartsWith("# linuxp2v: the VM has no such device: /dev/zd0 ", lines[11], StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_name_the_old_disks_go()
    {
        var guest = GuestCase.Run("f06-geometry-options", "Fstab");
        Assert.Equal(
            [
                $"{Root} / xfs defaults 0 0",
                $"{Data} /data xfs defaults,logbsize=256k 0 0",
                "/dev/disk/by-uuid/0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c01 /boot ext4 defaults 0 0",
            ],
            guest.Text("/etc/fstab").Split('\n')[..3]
        );
    }

    [Theory]
    [InlineData("subvolid=256,subvol=/@", "subvol=/@")]
    [InlineData("subvolid=256", "subvolid=256")]
    [InlineData("device=/dev/sdb,compress=zstd:1", "compress=zstd:1")]
    [InlineData("dax=never", "dax=never")]
    [InlineData("dax=always,noatime", "noatime")]
    [InlineData("sunit=8,swidth=8", "defaults")]
    [InlineData("x-systemd.requires=/srv", "defaults")]
    [InlineData("x-systemd.after=srv.mount,ro", "ro")]
    [InlineData("x-systemd.requires=network-online.target", "x-systemd.requires=network-online.target")]
    [InlineData("x-systemd.requires=dev-md2.device", "defaults")]
    [InlineData("x-systemd.requires=/boot", "x-systemd.requires=/boot")]
    public void Options(string options, string expected)
    {
        var text = $"UUID=99999999-0000-4000-8000-000000000001 /srv xfs defaults 0 2\nUUID={Layouts.RootUuid} / btrfs {options} 0 1\n";
        Assert.Equal($"UUID={Layouts.RootUuid} / btrfs {expected} 0 1", FstabText.Transform(text, Samples.Devices()).Text.Split('\n')[1]);
    }

    [Fact]
    public void LUKS_that_became_plain_and_devices_that_may_be_missing()
    {
        var guest = GuestCase.Run("f09-luks-noauto", "Fstab", "Crypttab");
        var lines = guest.Text("/etc/fstab").Split('\n');
        Assert.Equal($"{Root} / ext4 defaults,x-systemd.device-timeout=0 0 1", lines[0]);
        Assert.Equal("/dev/mapper/backup /backup ext4 noauto,x-systemd.automount 0 0", lines[1]);
        Assert.Equal("/dev/sdz1 /usb ext4 nofail,x-systemd.device-timeout=0 0 0", lines[2]);
        Assert.All(guest.Text("/etc/crypttab").Split('\n')[..2], line => Assert.StartsWith("# linuxp2v: ", line, StringComparison.Ordinal));
    }
}
