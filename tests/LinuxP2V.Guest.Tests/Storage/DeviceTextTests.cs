using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Guest.Tests.Storage;

/// <summary>Files that name block devices, in the shapes that distributions write.</summary>
public sealed class DeviceTextTests
{
    [Theory]
    [InlineData("/dev/md0 / ext4 defaults 0 1", $"UUID={RootUuid} / ext4 defaults 0 1")]
    [InlineData("/dev/md/root / ext4 defaults 0 1", $"UUID={RootUuid} / ext4 defaults 0 1")]
    [InlineData("/dev/disk/by-id/md-uuid-1:2 /\text4\tdefaults", $"UUID={RootUuid} /\text4\tdefaults")]
    [InlineData($"UUID={RootUuid} / ext4 defaults 0 1", null)]
    [InlineData($"UUID=\"{BootUuid}\" /boot ext4 defaults", null)]
    [InlineData("LABEL=home /home xfs defaults 0 0", null)]
    [InlineData("/dev/vg-0/home /home xfs defaults 0 0", null)]
    [InlineData("/dev/mapper/vg--0-home /home xfs defaults 0 0", null)]
    [InlineData("/dev/mapper/vg--0-raw /raw ext4 noauto 0 0", null)]
    [InlineData("PARTUUID=11111111-2222-4333-8444-555555555555 /boot ext4 defaults", null)]
    [InlineData("PARTUUID=deadbeef-02 /boot ext4 defaults", $"UUID={BootUuid} /boot ext4 defaults")]
    [InlineData("/dev/mapper/cryptswap none swap sw 0 0", $"UUID={SwapUuid} none swap sw 0 0")]
    [InlineData("/dev/disk/by-path/pci-0000:00:1f.2-ata-1-part3 swap swap defaults 0 0", $"UUID={SwapUuid} swap swap defaults 0 0")]
    [InlineData(
        "/dev/vg-0/srv /srv xfs defaults 0 0",
        "# linuxp2v: its volume is not part of the copy: /dev/vg-0/srv /srv xfs defaults 0 0"
    )]
    [InlineData(
        "UUID=99999999-0000-4000-8000-000000000001 /srv xfs defaults",
        "# linuxp2v: its volume is not part of the copy: UUID=99999999-0000-4000-8000-000000000001 /srv xfs defaults"
    )]
    [InlineData("/dev/sdz9 /backup ext4 defaults 0 2", "# linuxp2v: the VM has no such device: /dev/sdz9 /backup ext4 defaults 0 2")]
    [InlineData("UUID=AAAA-BBBB /usb vfat nofail 0 0", null)]
    [InlineData("nas:/export /nfs nfs defaults 0 0", null)]
    [InlineData("tmpfs /tmp tmpfs defaults 0 0", null)]
    [InlineData("/swapfile none swap sw 0 0", null)]
    [InlineData("/home/data /data none bind 0 0", null)]
    [InlineData("/srv/www /var/www none bind 0 0", "# linuxp2v: its volume is not part of the copy: /srv/www /var/www none bind 0 0")]
    [InlineData("/srv/a.iso /a iso9660 loop,ro 0 0", "# linuxp2v: its volume is not part of the copy: /srv/a.iso /a iso9660 loop,ro 0 0")]
    [InlineData(
        "overlay /o overlay lowerdir=/home/l:/srv/l,upperdir=/home/u,workdir=/home/w 0 0",
        "# linuxp2v: its volume is not part of the copy: overlay /o overlay lowerdir=/home/l:/srv/l,upperdir=/home/u,workdir=/home/w 0 0"
    )]
    [InlineData("/srv/swap none swap sw 0 0", "# linuxp2v: its volume is not part of the copy: /srv/swap none swap sw 0 0")]
    [InlineData("/srvx/www /var/www none bind 0 0", null)]
    [InlineData("/dev/zram0 none swap pri=100 0 0", null)]
    [InlineData("/dev/shm /var/shm none bind 0 0", null)]
    [InlineData("# /dev/md0 / ext4", null)]
    public void Fstab(string line, string? expected)
    {
        var text = $"# made by the installer\n{line}\n";
        var (result, changes) = FstabText.Transform(text, Samples.Devices());
        Assert.Equal($"# made by the installer\n{expected ?? line}\n", result);
        Assert.Equal(expected is null ? 0 : 1, changes.Count);
    }

    /// <summary>Files are bytes to us; a layout's names were read as UTF-8.</summary>
    [Theory]
    [InlineData("/dev/disk/by-id/a /daten/b\u00c3\u00bcro ext4 defaults", $"UUID={Samples.HomeUuid} /daten/b\u00c3\u00bcro ext4 defaults")]
    [InlineData("/dev/disk/by-id/a /daten/b\\303\\274ro ext4 defaults", $"UUID={Samples.HomeUuid} /daten/b\\303\\274ro ext4 defaults")]
    [InlineData("LABEL=b\u00c3\u00bcro /daten/b\u00c3\u00bcro ext4 defaults", null)]
    [InlineData("/dev/disk/by-label/b\u00c3\u00bcro /x ext4 defaults", null)]
    public void Names_beyond_ASCII(string line, string? expected)
    {
        var plain = Samples.Server();
        var volume = plain.Volumes[0] with
        {
            Id = "/daten/b\u00fcro",
            MountPoint = "/daten/b\u00fcro",
            SourceDevice = "/dev/sdc1",
            FileSystem = new FileSystemSpec
            {
                Kind = FileSystemKind.Ext4,
                Uuid = Samples.HomeUuid,
                Label = "b\u00fcro",
            },
        };
        var devices = new DeviceMap(plain with { Volumes = [plain.Volumes[0], volume] }, new ReconfigureOptions { RunningKernel = "6.1" });
        Assert.Equal(expected ?? line, FstabText.Transform(line, devices).Text);
    }

    /// <summary>A swap area holds no data, so any of the copy's serves.</summary>
    [Fact]
    public void A_swap_of_an_unknown_name_takes_any_swap_area_that_is_left()
    {
        var text = FstabText.Transform("/dev/disk/by-id/a none swap sw 0 0\n/dev/disk/by-id/b none swap sw 0 0\n", Samples.Devices()).Text;
        Assert.Equal(
            $"UUID={SwapUuid} none swap sw 0 0\n# linuxp2v: the VM has no such device: /dev/disk/by-id/b none swap sw 0 0\n",
            text
        );
    }

    [Theory]
    [InlineData("root=/dev/md0 ro quiet", $"root=UUID={RootUuid} ro quiet")]
    [InlineData($"BOOT_IMAGE=/vmlinuz root=UUID={RootUuid} ro  quiet", null)]
    [InlineData("root=/dev/disk/by-id/gone ro", $"root=UUID={RootUuid} ro")]
    [InlineData("resume=/dev/mapper/cryptswap", $"resume=UUID={SwapUuid}")]
    [InlineData("resume=/dev/sdb1 quiet", "quiet")]
    [InlineData($"resume=UUID={RootUuid} resume_offset=34816 quiet", "quiet")]
    [InlineData("crashkernel=auto rd.lvm.lv=vg-0/home rd.lvm.lv=vg-0/srv rhgb", "crashkernel=auto rd.lvm.lv=vg-0/home rhgb")]
    [InlineData("rd_LVM_LV=rootvg/root rd_NO_LUKS rd_MD_UUID=1:2 KEYTABLE=de", "rd_NO_LUKS KEYTABLE=de")]
    [InlineData("rd.md.uuid=a:b rd.luks.uuid=luks-1 dyndbg=\"file drivers/x.c +p\"", "dyndbg=\"file drivers/x.c +p\"")]
    [InlineData("netroot=iscsi:@10.0.0.1::3260::iqn rd.iscsi.firmware=1 ro", "ro")]
    [InlineData("console=tty0 console=ttyS0,115200n8 $tuned_params", null)]
    public void Command_line(string line, string? expected) =>
        Assert.Equal(expected ?? line, CommandLineText.Transform(line, Samples.Devices()).Text);

    [Fact]
    public void Default_grub_in_any_quotes()
    {
        const string Text =
            "GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT='quiet resume=/dev/sdb1'\nGRUB_CMDLINE_LINUX=\"rd.md.uuid=a:b "
            + "rhgb\"\n#GRUB_CMDLINE_LINUX=\"resume=/dev/sdb1\"\nGRUB_CMDLINE_LINUX_RECOVERY=\nGRUB_DISABLE_OS_PROBER=false\n";
        Assert.Equal(
            Text.Replace("quiet resume=/dev/sdb1'", "quiet'", StringComparison.Ordinal)
                .Replace("rd.md.uuid=a:b rhgb", "rhgb", StringComparison.Ordinal),
            CommandLineFiles.DefaultGrub(Text, Samples.Devices()).Text
        );
    }

    [Fact]
    public void Grub_environment_keeps_its_size()
    {
        var text = "# GRUB Environment Block\nsaved_entry=abc-5.14\nkernelopts=root=/dev/md0 ro rd.md.uuid=a:b \nboot_success=0\n".PadRight(
            1024,
            '#'
        );
        var (result, changes) = CommandLineFiles.Environment(text, Samples.Devices());
        Assert.Equal(2, changes.Count);
        Assert.Equal(1024, result.Length);
        Assert.StartsWith(
            $"# GRUB Environment Block\nsaved_entry=abc-5.14\nkernelopts=root=UUID={RootUuid} ro\nboot_success=0\n###",
            result,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Boot_loader_entry()
    {
        const string Text =
            "title Rocky Linux\nversion 5.14\nlinux /vmlinuz-5.14\ninitrd /initramfs-5.14.img\noptions root=/dev/md0 "
            + "ro rd.md.uuid=a:b\ngrub_class rocky\n";
        Assert.Equal(
            Text.Replace("root=/dev/md0 ro rd.md.uuid=a:b", $"root=UUID={RootUuid} ro", StringComparison.Ordinal),
            CommandLineFiles.Entry(Text, Samples.Devices()).Text
        );
    }

    [Theory]
    [InlineData("cryptswap UUID=1234 none luks,discard", true)]
    [InlineData("data /dev/sdq1 /root/key luks", true)]
    [InlineData($"random UUID={SwapUuid} /dev/urandom swap", false)]
    [InlineData("# comment line here", false)]
    public void Crypttab(string line, bool isOff)
    {
        var (text, changes) = CrypttabStep.Transform(line, Samples.Devices());
        Assert.Equal(isOff, text.StartsWith(ChangedText.Marker, StringComparison.Ordinal) && text.EndsWith(line, StringComparison.Ordinal));
        Assert.Equal(isOff ? 1 : 0, changes.Count);
    }

    [Fact]
    public void Mdadm_arrays_with_their_continuation_lines()
    {
        const string Text =
            "HOMEHOST <system>\nMAILADDR root\nARRAY /dev/md/0 metadata=1.2 UUID=a:b\n   devices=/dev/sda1,/dev/sdb1\n\nPROGRAM /x\n";
        var (text, changes) = MdadmStep.Transform(Text);
        Assert.Equal(
            "HOMEHOST <system>\nMAILADDR root\n# linuxp2v: ARRAY /dev/md/0 metadata=1.2 UUID=a:b\n# linuxp2v:    "
                + "devices=/dev/sda1,/dev/sdb1\n\nPROGRAM /x\n",
            text
        );
        Assert.Single(changes);
    }

    [Theory]
    [InlineData("RESUME=UUID=dead-beef", "RESUME=none")]
    [InlineData("RESUME=/dev/mapper/cryptswap", $"RESUME=UUID={SwapUuid}")]
    [InlineData("RESUME=auto", null)]
    [InlineData("RESUME=none", null)]
    [InlineData($"RESUME=UUID={SwapUuid}", null)]
    public void Resume(string line, string? expected) => Assert.Equal(expected ?? line, ResumeStep.Transform(line, Samples.Devices()).Text);

    [Theory]
    [InlineData("    global_filter = [ \"a|^/dev/mapper/mpath.*|\", \"r|.*|\" ]", true)]
    [InlineData("    filter = [ \"r|^/dev/sd.*|\", \"a|.*|\" ]", true)]
    [InlineData("    filter=[ \"a/.*/\" ]", false)]
    [InlineData("    filter = [ \"r|/dev/cdrom|\" ]", false)]
    [InlineData("    filter = [ \"a|^/dev/sda[0-9]$|\", \"r|.*|\" ]", false)]
    [InlineData("    # filter = [ \"r|.*|\" ]", false)]
    [InlineData("    filter = [\n        \"a|/dev/emcpower.*|\",\n        \"r|.*|\"\n    ]", true)]
    public void Lvm_filter(string text, bool isOpened)
    {
        var (result, changes) = LvmFilterStep.Transform($"devices {{\n{text}\n}}\n", ["/dev/sda3"]);
        Assert.Equal(isOpened ? 1 : 0, changes.Count);
        Assert.Equal(isOpened, result.Contains("filter = [ \"a|.*|\" ]", StringComparison.Ordinal));
        Assert.EndsWith("\n}\n", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        $"  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt2 {BootUuid}\n  linux /vmlinuz-6.1 root=UUID={RootUuid} ro quiet\n",
        null
    )]
    [InlineData("  search --no-floppy --fs-uuid --set=root 99999999-0000-4000-8000-000000000009\n", "99999999-0000-4000-8000-000000000009")]
    [InlineData("search.fs_uuid 99999999-0000-4000-8000-000000000009 root hd0,gpt2\n", "99999999-0000-4000-8000-000000000009")]
    [InlineData("\tlinux16 /vmlinuz-3.10 root=/dev/md0 ro\n", "root=/dev/md0")]
    [InlineData($"\tlinux /boot/vmlinuz-6.1 root=UUID={RootUuid} ro\n", "/boot is a volume of its own")]
    [InlineData("insmod blscfg\nblscfg\n", null)]
    [InlineData("\n", "empty")]
    public void Grub_menu_that_holds_stays(string text, string? reason)
    {
        var why = GrubMenuText.WhyNot(text, Samples.Devices());
        Assert.True(reason is null ? why is null : why?.Contains(reason, StringComparison.Ordinal), why);
    }
}
