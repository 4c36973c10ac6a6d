using LinuxP2V.Guest.Checks;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Images;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Guest.Tests.Checks;

/// <summary>The kernel that the loader starts by itself, and what its initramfs holds.</summary>
public sealed class StartCheckTests
{
    private const string Menu = "/boot/grub/grub.cfg";
    private const string Drivers = "k/vmw_pvscsi.ko:\nk/sd_mod.ko:\nk/ext4.ko:\n";

    private static readonly (string, string)[] Good = [("lib/vmw_pvscsi.ko", "x"), ("lib/sd_mod.ko", "x"), ("lib/ext4.ko.zst", "x")];

    private static string MenuOf(string settings) =>
        $$"""
            {{settings}}
            menuentry 'New' --id new {
              linux /vmlinuz-6.2 root=UUID={{RootUuid}}
              initrd /initrd.img-6.2
            }
            submenu 'Advanced' --id advanced {
              menuentry 'Old one' --id old {
                linux /vmlinuz-6.1 root=UUID={{RootUuid}}
                initrd /microcode /initrd.img-6.1
              }
            }
            """;

    [Theory]
    [InlineData("", "6.2")]
    [InlineData("set default=0", "6.2")]
    [InlineData("set default=\"1>0\"", "6.1")]
    [InlineData("set default=\"Advanced>Old one\"", "6.1")]
    [InlineData("set default=\"advanced>old\"", "6.1")]
    [InlineData("set default=\"gone\"", "6.2")]
    [InlineData("set default=\"${saved_entry}\"", "6.1")]
    public void The_entry_that_GRUB_takes(string settings, string version)
    {
        var start = BootStart.Find(Store(MenuOf(settings)), Target())!;
        Assert.Equal($"/boot/vmlinuz-{version}", start.Kernel);
        Assert.Equal(version == "6.1" ? ["/boot/microcode", "/boot/initrd.img-6.1"] : ["/boot/initrd.img-6.2"], start.Initramfs);
    }

    [Fact]
    public void The_chosen_kernel_with_a_good_image() => Assert.Empty(Check("set default=0", "6.2", KernelImages.Content(Good)));

    [Fact]
    public void Another_kernel_that_serves_is_said()
    {
        var finding = Assert.Single(Check("set default=0", "6.1", KernelImages.Content(Good)));
        Assert.Equal(FindingSeverity.Warning, finding.Severity);
        Assert.Contains("starts kernel 6.2, which has the drivers too; the source runs 6.1", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_the_drivers_is_an_error()
    {
        var store = Store(MenuOf("set default=0"), newDrivers: "k/ext4.ko:\n");
        var start = BootStart.Find(store, Target())!;
        var errors = StartCheck.Run(store, Target(), start, "6.1", null, KernelImages.Content(Good));
        Assert.Contains(errors, finding => finding.What.Contains("has no vmw_pvscsi, sd_mod for the VM's disks", StringComparison.Ordinal));
        Assert.All(errors, finding => Assert.Equal(FindingSeverity.Error, finding.Severity));
    }

    public static TheoryData<string, string, string?, bool> Images =>
        new()
        {
            { "etc/hostname", "x", null, false },
            { "etc/modprobe.d/a.conf", "install vmw_pvscsi /bin/true\n", "lacks vmw_pvscsi (a modprobe rule", true },
            { "etc/cmdline.d/95root.conf", " rd.md.uuid=a:b\n", "holds rd.md.uuid=a:b in its etc/cmdline.d/95root.conf", true },
            { "etc/cmdline.d/95root.conf", $" root=UUID={RootUuid}\n", null, false },
            { "etc/crypttab", "luks-1 /dev/sda9 none luks\n", "holds luks-1 in its etc/crypttab", false },
            { "cryptroot/crypttab", "luks-1 /dev/sda9 none luks\n", "holds luks-1", false },
            { "etc/mdadm/mdadm.conf", "HOMEHOST <system>\nARRAY /dev/md0 UUID=a:b\n", "holds ARRAY /dev/md0", false },
            { "etc/fstab", "/dev/md9 / ext4 defaults 0 1\n", "holds /dev/md9 in its etc/fstab", false },
            { "etc/fstab", $"UUID={RootUuid} / ext4 defaults 0 1\n", null, false },
            { "conf/conf.d/resume", "RESUME=/dev/md7\n", "in its conf/conf.d/resume", false },
            // Without a root on LVM it hides nothing that the start needs.
            { "etc/lvm/devices/system.devices", "IDTYPE=sys_wwid\n", null, false },
            {
                @"usr/lib/dracut/hooks/initqueue/finished/devexists-\x2fdev\x2fdisk\x2fby-id\x2fata-1.sh",
                "x",
                "holds /dev/disk/by-id/ata-1",
                true
            },
            { $@"usr/lib/dracut/hooks/initqueue/finished/devexists-\x2fdev\x2fdisk\x2fby-uuid\x2f{RootUuid}.sh", "x", null, false },
            { @"etc/systemd/system/initrd.target.wants/dev-disk-by\x2did-ata\x2d1.device", "x", "holds /dev/disk/by-id/ata-1", true },
        };

    [Theory]
    [MemberData(nameof(Images))]
    public void Settings_inside_an_image(string path, string text, string? what, bool isError)
    {
        var findings = Check("set default=0", "6.2", KernelImages.Content([.. Good, (path, text)]));
        if (what is null)
        {
            Assert.Empty(findings);
            return;
        }

        var finding = Assert.Single(findings);
        Assert.Contains(what, finding.What, StringComparison.Ordinal);
        Assert.Equal(isError ? FindingSeverity.Error : FindingSeverity.Warning, finding.Severity);
    }

    [Fact]
    public void A_rule_of_the_administrator_hides_the_one_of_the_package() =>
        Assert.Empty(
            Check(
                "set default=0",
                "6.2",
                KernelImages.Content([
                    .. Good,
                    ("etc/modprobe.d/a.conf", "# linuxp2v: the VM needs vmw_pvscsi\n"),
                    ("usr/lib/modprobe.d/a.conf", "blacklist vmw_pvscsi\n"),
                ])
            )
        );

    [Fact]
    public void Images_that_do_not_serve()
    {
        Assert.Contains("cannot be read", Only(Check("", "6.2", null)), StringComparison.Ordinal);
        Assert.Contains(
            "cannot be read",
            Only(Check("", "6.2", new ImageContent(KernelImages.Read(KernelImages.Cpio(("a", "x")))))),
            StringComparison.Ordinal
        );
        Assert.Contains("lacks sd_mod, ext4", Only(Check("", "6.2", KernelImages.Content(Good[0]))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_knows_the_kernel_before_there_is_a_copy()
    {
        var store = Store(MenuOf("set default=0"), newDrivers: "k/ext4.ko:\n");
        var plan = GuestPlanner.Plan(store, Target(), ["Kernels"]);
        Assert.Equal("6.1", plan.Kernel);
        Assert.Contains(
            BootCheck.Run(Target(), plan),
            finding =>
                finding.Severity == FindingSeverity.Error && finding.What.Contains("kernel 6.2, which has no", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_default_of_a_menu_without_names_is_changed_where_its_kernel_does_not_serve()
    {
        (string, string)[] grub =
        [
            ("/usr/sbin/grub-mkconfig", "x"),
            ("/usr/bin/update-initramfs", "x"),
            ("/etc/default/grub", "GRUB_DEFAULT=\"1>0\"\n"),
        ];
        // The number leads to the old kernel, which serves.
        var served = GuestPlanner.Plan(Store(MenuOf("set default=\"1>0\""), "k/ext4.ko:\n", grub), Target(), ["Kernels", "DefaultKernel"]);
        Assert.Empty(served.Changes);
        Assert.Empty(served.Findings);
        grub[2].Item2 = "GRUB_DEFAULT=\"New\"\n";
        var changed = GuestPlanner.Plan(
            Store(MenuOf("set default=\"New\"\nmenuentry_id_option"), "k/ext4.ko:\n", grub),
            Target(),
            ["Kernels", "DefaultKernel"]
        );
        Assert.Contains("gnulinux-6.1-advanced", Assert.IsType<FileText>(Assert.Single(changed.Changes)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"root=UUID={RootUuid} quiet", null)]
    [InlineData("root=/dev/md9", "looks for root=/dev/md9")]
    [InlineData($"root=UUID={RootUuid} rd.md.uuid=a:b", "has rd.md.uuid=a:b on the command line inside")]
    public void A_unified_kernel_image(string words, string? what)
    {
        (string, string)[] files = UnifiedFiles();
        var store = GuestFiles.Store(files);
        var target = Target(Uefi());
        var start = BootStart.Find(store, target)!;
        Assert.Equal("/boot/efi/EFI/Linux/6.1.efi", start.UnifiedImage);
        var findings = StartCheck.Run(
            store,
            target,
            start,
            "6.1",
            new UnifiedKernel(words, "6.1", new FilePart(1, 2)),
            KernelImages.Content(Good)
        );
        Assert.Equal(what is null ? 0 : 1, findings.Count);
        Assert.All(findings, finding => Assert.Contains(what!, finding.What, StringComparison.Ordinal));
        // The source's own image tells its words before the copy.
        var read = GuestFiles.Store([
            .. files,
            ("/boot/efi/EFI/Linux/6.1.efi/.cmdline", words),
            ("/boot/efi/EFI/Linux/6.1.efi/.uname", "6.1"),
        ]);
        Assert.Equal(
            findings.Select(finding => finding.What),
            BootCheck.Run(target, GuestPlanner.Plan(read, target, ["Kernels"])).Select(finding => finding.What)
        );
    }

    [Fact]
    public void A_unified_kernel_image_whose_initramfs_does_not_serve()
    {
        var store = GuestFiles.Store(UnifiedFiles());
        var target = Target(Uefi());
        var start = BootStart.Find(store, target)!;
        var unified = new UnifiedKernel($"root=UUID={RootUuid}", "6.1", new FilePart(1, 2));
        var finding = Assert.Single(StartCheck.Run(store, target, start, "6.1", unified, KernelImages.Content(Good[1], Good[2])));
        Assert.Contains("lacks vmw_pvscsi", finding.What, StringComparison.Ordinal);
        Assert.Contains("Nothing in the copy builds this image", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains(
            "is no unified kernel image",
            Only(StartCheck.Run(store, target, start, "6.1", null, null)),
            StringComparison.Ordinal
        );
        // A kernel that nothing else of is there.
        var unknown = Assert.Single(StartCheck.Run(store, target, start, "6.1", unified with { Version = "5.9" }, null));
        Assert.Equal(FindingSeverity.Warning, unknown.Severity);
    }

    private static string Only(IReadOnlyList<Finding> findings) =>
        Assert.Single(findings, finding => finding.Severity == FindingSeverity.Error).What;

    private static IReadOnlyList<Finding> Check(string settings, string chosen, ImageContent? content)
    {
        var store = Store(MenuOf(settings));
        return StartCheck.Run(store, Target(), BootStart.Find(store, Target())!, chosen, null, content);
    }

    private static MemoryStore Store(string menu, string newDrivers = Drivers, params (string, string)[] more) =>
        GuestFiles.Store([
            (Menu, menu),
            ("/boot/grub/grubenv", "saved_entry=advanced>old\n"),
            ("/boot/vmlinuz-6.1", "x"),
            ("/boot/vmlinuz-6.2", "x"),
            ("/boot/initrd.img-6.1", "x"),
            ("/boot/initrd.img-6.2", "x"),
            ("/boot/microcode", "x"),
            ("/lib/modules/6.1/modules.dep", Drivers),
            ("/lib/modules/6.2/modules.dep", newDrivers),
            .. more,
        ]);

    private static (string, string)[] UnifiedFiles() =>
        [
            ("/boot/efi/EFI/systemd/systemd-bootx64.efi", "MZ"),
            ("/boot/efi/EFI/BOOT/BOOTX64.EFI", "MZ"),
            ("/boot/efi/EFI/Linux/6.1.efi", "MZ"),
            ("/lib/modules/6.1/modules.dep", Drivers),
            ("/lib/modules/6.1/vmlinuz", "x"),
        ];

    private static GuestTarget Target(TargetLayout? layout = null) =>
        new(layout ?? DebianBios(), new ReconfigureOptions { RunningKernel = "6.1" });

    private static TargetLayout Uefi()
    {
        var plain = DebianBios();
        return plain with
        {
            Firmware = Firmware.Uefi,
            Volumes =
            [
                .. plain.Volumes,
                Volume("/boot/efi", 1, new FileSystemSpec { Kind = FileSystemKind.Vfat, Uuid = "A1B2-C3D4" }, "/dev/sda1"),
            ],
        };
    }
}
