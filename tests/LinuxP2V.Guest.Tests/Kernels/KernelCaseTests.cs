using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Kernels;

/// <summary>Kernels and images as distributions and people name them, and machines whose kernels do not all serve.</summary>
public sealed class KernelCaseTests
{
    private const string Drivers = "k/vmw_pvscsi.ko:\nk/sd_mod.ko:\nk/ext4.ko.zst:\n";
    private const string RootUuid = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c02";

    [Fact]
    public void Where_an_update_removed_the_running_kernel_another_one_is_started()
    {
        var guest = GuestCase.Run("k01-running-missing", "Kernels");
        Assert.Empty(guest.Plan.Errors);
        var finding = Assert.Single(guest.Findings);
        Assert.Equal("KernelChanged", finding.Id);
        Assert.Contains("starts kernel 5.14.0-2", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void The_running_kernel_is_started_though_others_are_newer() =>
        Assert.Empty(Plan(["Kernels", "DefaultKernel"], [.. Kernel("5.14.0-1"), .. Kernel("6.0.0-1")]).Findings);

    [Fact]
    public void A_machine_whose_kernels_all_lack_the_drivers_is_refused()
    {
        var plan = Plan(["Kernels", "Initramfs"], [.. Kernel("5.14.0-1", "k/xen-blkfront.ko:\nk/ext4.ko:\n"), ("/usr/bin/dracut", "x")]);
        Assert.Contains("has no vmw_pvscsi, sd_mod", Assert.Single(plan.Errors).What, StringComparison.Ordinal);
        Assert.Empty(plan.Changes);
    }

    [Fact]
    public void A_kernel_for_debugging_is_nobodys_choice() =>
        Assert.Contains(
            "starts kernel 5.10.0-9.",
            Assert.Single(Plan(["Kernels"], [.. Kernel("5.10.0-9"), .. Kernel("6.0.0-1+debug")]).Findings).What
        );

    [Fact]
    public void Arch_names_images_after_packages()
    {
        var guest = GuestCase.Run("k02-unversioned", "Kernels", "Initramfs");
        Assert.Empty(guest.Plan.Errors);
        var build = Assert.Single(guest.Plan.Changes.OfType<InitramfsBuild>());
        Assert.Equal(("/boot/vmlinuz-linux", "/boot/initramfs-linux.img"), (build.Kernel.Image, build.Image));
        Assert.Equal(InitramfsToolKind.Dracut, build.Tool);
        Assert.Equal(["vmw_pvscsi", "sd_mod", "ext4"], build.Modules);
    }

    [Fact]
    public void Mkinitcpio_builds_with_the_drivers_in_its_list()
    {
        var guest = GuestCase.Run("k04-mkinitcpio", "Kernels", "Initramfs");
        Assert.Empty(guest.Plan.Errors);
        var build = Assert.Single(guest.Plan.Changes.OfType<InitramfsBuild>());
        Assert.Equal(("/boot/initramfs-linux.img", InitramfsToolKind.Mkinitcpio), (build.Image, build.Tool));
        Assert.Contains("MODULES+=(vmw_pvscsi sd_mod ext4)\n", guest.Text("/etc/mkinitcpio.conf"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("k03-genkernel", "/boot/kernel-genkernel-x86_64-5.15.80-gentoo", "/boot/initramfs-genkernel-x86_64-5.15.80-gentoo")]
    [InlineData("k07-bzimage", "/boot/bzImage-5.14.0-1", "/boot/initramfs-5.14.0-1")]
    public void Names_of_those_who_build_their_kernels(string name, string image, string initramfs)
    {
        var kernel = Assert.Single(KernelFinder.Find(GuestCase.Run(name, "Kernels").Tree));
        Assert.Equal((image, initramfs), (kernel.Image, kernel.InitramfsPath));
    }

    [Theory]
    [InlineData("6.6.1-0-lts", "vmlinuz-lts", "initramfs-lts")]
    [InlineData("5.15.19", "vmlinuz-generic-5.15.19", "initrd-generic-5.15.19.gz")]
    [InlineData("2.6.18-398.el5", "vmlinuz-2.6.18-398.el5", "initrd-2.6.18-398.el5.img")]
    [InlineData("6.4.0-150600.21-default", "vmlinuz-6.4.0-150600.21-default", "initrd-6.4.0-150600.21-default")]
    public void Names_of_other_distributions(string version, string image, string initramfs)
    {
        var kernel = Assert.Single(
            KernelFinder.Find(
                GuestFiles.Tree(
                    ($"/lib/modules/{version}/modules.dep", Drivers),
                    ($"/boot/{image}", "x"),
                    ($"/boot/{initramfs}", "x"),
                    ($"/boot/initramfs-{version}kdump.img", "x"),
                    ("/boot/initramfs-linux-fallback.img", "x")
                )
            )
        );
        Assert.Equal(($"/boot/{image}", $"/boot/{initramfs}"), (kernel.Image, kernel.InitramfsPath));
    }

    [Fact]
    public void An_unversioned_image_belongs_to_one_kernel_and_the_fallback_is_not_its_initramfs()
    {
        var kernels = KernelFinder.Find(
            GuestFiles.Tree(
                ("/lib/modules/6.9.3-arch1-1/modules.dep", Drivers),
                ("/lib/modules/6.9.3-arch1-1/pkgbase", "linux\n"),
                ("/lib/modules/6.6.30-1-lts/modules.dep", Drivers),
                ("/lib/modules/6.6.30-1-lts/pkgbase", "linux-lts\n"),
                ("/lib/modules/6.8.0-arch1-1/modules.dep", Drivers),
                ("/lib/modules/6.8.0-arch1-1/pkgbase", "linux\n"),
                ("/boot/vmlinuz-linux", "x"),
                ("/boot/vmlinuz-linux-lts", "x"),
                ("/boot/initramfs-linux-fallback.img", "x"),
                ("/boot/initramfs-linux-lts.img", "x")
            )
        );
        Assert.Equal(
            [("6.9.3-arch1-1", "/boot/vmlinuz-linux", null), ("6.6.30-1-lts", "/boot/vmlinuz-linux-lts", "/boot/initramfs-linux-lts.img")],
            kernels.Select(kernel => (kernel.Version, kernel.Image, kernel.InitramfsPath))
        );
    }

    [Fact]
    public void Drivers_that_are_built_in_need_no_list_and_no_folder()
    {
        var plan = Plan(
            ["Kernels", "Initramfs"],
            ("/boot/vmlinuz-5.14.0-1", "x"),
            ("/boot/config-5.14.0-1", "CONFIG_VMWARE_PVSCSI=y\nCONFIG_BLK_DEV_SD=y\nCONFIG_EXT4_FS=y\n# CONFIG_MODULES is not set\n")
        );
        Assert.Empty(plan.Findings);
        Assert.Contains(plan.Notes, note => note.Contains("needs no initramfs", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_list_of_modules_and_depmod_the_plan_is_an_error()
    {
        var error = Assert.Single(
            GuestCase.Run("k05-no-depmod-compressed-builtin", "Kernels", "Initramfs").Plan.Errors,
            error => error.Id == ErrorIds.ReconfigurationToolMissing
        );
        Assert.Contains("no depmod", error.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_depmod_is_there_it_makes_the_list()
    {
        var plan = Plan(
            ["Kernels", "Initramfs"],
            ("/boot/vmlinuz-5.14.0-1", "x"),
            ("/lib/modules/5.14.0-1/kernel/drivers/scsi/vmw_pvscsi.ko.xz", "x"),
            ("/lib/modules/5.14.0-1/kernel/drivers/scsi/sd_mod.ko.gz", "x"),
            ("/lib/modules/5.14.0-1/kernel/fs/ext4/ext4.ko", "x"),
            ("/usr/sbin/depmod", "x"),
            ("/usr/bin/dracut", "x")
        );
        Assert.Empty(plan.Errors);
        Assert.Equal("/lib/modules/5.14.0-1/modules.dep", Assert.Single(plan.Changes.OfType<ModuleIndexBuild>()).Subject);
        Assert.Equal(["vmw_pvscsi", "sd_mod", "ext4"], Assert.Single(plan.Changes.OfType<InitramfsBuild>()).Modules);
    }

    [Theory]
    [InlineData("mkinitrd", "upgrade")]
    [InlineData("genkernel", "dracut")]
    [InlineData("mkinitfs", "dracut")]
    [InlineData("booster", "mkinitcpio")]
    public void A_tool_that_is_not_run_is_named_with_a_way_out(string program, string remedy)
    {
        var error = Assert.Single(Plan(["Kernels", "Initramfs"], [.. Kernel("5.14.0-1"), ($"/sbin/{program}", "x")]).Errors);
        Assert.Equal(ErrorIds.ReconfigurationToolMissing, error.Id);
        Assert.Contains(program, error.What, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_image_that_a_loader_reads_is_built()
    {
        var plan = Plan(
            ["Kernels", "Initramfs"],
            [
                .. Kernel("5.14.0-1"),
                ("/boot/initrd.img-5.14.0-1", "x"),
                ("/boot/efi/0123/5.14.0-1/linux", "x"),
                ("/boot/efi/0123/5.14.0-1/initrd", "x"),
                ("/boot/efi/EFI/own/5.img", "x"),
                ("/boot/efi/EFI/own/linux", "x"),
                (
                    "/boot/efi/loader/entries/a.conf",
                    "version 5.14.0-1\nlinux /EFI/own/linux\ninitrd /intel-ucode.img\ninitrd /EFI/own/5.img\n"
                ),
                ("/usr/bin/dracut", "x"),
            ]
        );
        Assert.Equal(
            ["/boot/initrd.img-5.14.0-1", "/boot/efi/EFI/own/5.img", "/boot/efi/0123/5.14.0-1/initrd"],
            plan.Changes.OfType<InitramfsBuild>().Select(build => build.Image)
        );
    }

    [Theory]
    [InlineData("/lib/modules/5.14.0-1/vmlinuz", 0)]
    [InlineData("/boot/vmlinuz-5.14.0-1", 1)]
    public void An_image_that_holds_all_in_one_stays_as_it_is(string image, int builds)
    {
        var plan = Plan(
            ["Kernels", "Initramfs"],
            (image, "x"),
            ("/lib/modules/5.14.0-1/modules.dep", Drivers),
            ("/boot/efi/EFI/Linux/arch-linux.efi", "x"),
            ("/usr/bin/mkinitcpio", "x")
        );
        Assert.Equal(("UnifiedImage", FindingSeverity.Warning), (plan.Findings[0].Id, Assert.Single(plan.Findings).Severity));
        // Where the unified image is all that a loader can start, no other image is of use.
        Assert.Equal(builds, plan.Changes.OfType<InitramfsBuild>().Count());
    }

    [Fact]
    public void An_image_that_an_entry_names_and_nobody_made_is_built_there()
    {
        var plan = Plan(
            ["Kernels", "Initramfs"],
            [
                .. Kernel("5.14.0-1"),
                ("/boot/loader/entries/a.conf", "linux /vmlinuz-5.14.0-1\ninitrd /own-5.14.img $tuned_initrd\n"),
                ("/usr/bin/dracut", "x"),
            ]
        );
        Assert.Equal("/boot/own-5.14.img", Assert.Single(plan.Changes.OfType<InitramfsBuild>()).Image);
    }

    [Fact]
    public void A_newer_kernel_without_a_driver_and_a_loader_that_nobody_knows_are_an_error()
    {
        var guest = GuestCase.Run("k06-default-newer-without-driver", "Kernels", "DefaultKernel", "Initramfs");
        Assert.Contains("cannot make it the default", Assert.Single(guest.Plan.Errors).What, StringComparison.Ordinal);
        Assert.Contains(
            guest.Findings,
            finding => finding is { Severity: FindingSeverity.Warning, Id: "KernelWithoutDriver", Subject: "6.0.0-kvm" }
        );
    }

    [Theory]
    [InlineData("GRUB_DEFAULT=0\n", $"gnulinux-advanced-{RootUuid}>gnulinux-5.14.0-1-advanced-{RootUuid}")]
    [InlineData("GRUB_DEFAULT=0 # first\nGRUB_DISABLE_SUBMENU=y\n", $"gnulinux-5.14.0-1-advanced-{RootUuid}")]
    [InlineData("GRUB_DEFAULT=\"Advanced>Linux 6.0.0-kvm\"\n", $"gnulinux-advanced-{RootUuid}>gnulinux-5.14.0-1-advanced-{RootUuid}")]
    [InlineData("GRUB_DEFAULT=\"Advanced>Linux 5.14.0-1\"\n", null)]
    [InlineData("GRUB_DEFAULT=saved\n", null)]
    public void GRUB_is_told_to_start_the_kernel_that_serves(string settings, string? entry)
    {
        var plan = Plan(
            ["Kernels", "DefaultKernel"],
            [
                .. Kernel("5.14.0-1"),
                .. Kernel("6.0.0-kvm", "k/sd_mod.ko:\nk/ext4.ko:\n"),
                ("/usr/sbin/grub-mkconfig", "x"),
                ("/etc/default/grub", settings),
                ("/boot/grub/grubenv", "# GRUB Environment Block\nsaved_entry=gnulinux-5.14.0-1-advanced-x\n####"),
                ("/boot/grub/grub.cfg", "menuentry 'x' $menuentry_id_option 'y' {\n}\n"),
            ]
        );
        Assert.Empty(plan.Errors);
        if (entry is null)
            Assert.Empty(plan.Changes);
        else
            Assert.EndsWith(
                $"\nGRUB_DEFAULT=\"{entry}\"\n",
                Assert.IsType<FileText>(Assert.Single(plan.Changes)).Text,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void GRUB_with_entries_of_the_boot_loader_specification_is_told_by_its_environment()
    {
        var plan = Plan(
            ["Kernels", "DefaultKernel"],
            [
                .. Kernel("5.14.0-1"),
                .. Kernel("6.0.0-kvm", "k/sd_mod.ko:\nk/ext4.ko:\n"),
                ("/usr/sbin/grub2-mkconfig", "x"),
                ("/etc/default/grub", "GRUB_DEFAULT=saved\n"),
                ("/boot/loader/entries/0123-5.14.0-1.conf", "version 5.14.0-1\nlinux /vmlinuz-5.14.0-1\n"),
                ("/boot/loader/entries/0123-6.0.0-kvm.conf", "version 6.0.0-kvm\nlinux /vmlinuz-6.0.0-kvm\n"),
                ("/boot/grub2/grubenv", "# GRUB Environment Block\nsaved_entry=0123-6.0.0-kvm\nboot_success=1\n####"),
            ]
        );
        Assert.Empty(plan.Errors);
        var text = Assert.IsType<FileText>(Assert.Single(plan.Changes)).Text;
        Assert.StartsWith("# GRUB Environment Block\nboot_success=1\nsaved_entry=0123-5.14.0-1\n##", text, StringComparison.Ordinal);
        Assert.Equal(1024, text.Length);
    }

    [Fact]
    public void Systemd_boot_is_told_by_loader_conf()
    {
        var plan = Plan(
            ["Kernels", "DefaultKernel"],
            [
                .. Kernel("5.14.0-1"),
                .. Kernel("6.0.0-kvm", "k/sd_mod.ko:\nk/ext4.ko:\n"),
                ("/boot/efi/loader/loader.conf", "timeout 3\ndefault 0123-*\n"),
                ("/boot/efi/loader/entries/0123-5.14.0-1.conf", "version 5.14.0-1\nlinux /vmlinuz-5.14.0-1\n"),
                ("/boot/efi/loader/entries/0123-6.0.0-kvm.conf", "version 6.0.0-kvm\nlinux /vmlinuz-6.0.0-kvm\n"),
            ]
        );
        Assert.Empty(plan.Errors);
        Assert.Equal("default 0123-5.14.0-1.conf\ntimeout 3\n", Assert.IsType<FileText>(Assert.Single(plan.Changes)).Text);
    }

    private static IEnumerable<(string Path, string Text)> Kernel(string version, string modules = Drivers) =>
        [
            ($"/boot/vmlinuz-{version}", "x"),
            ($"/lib/modules/{version}/modules.dep", modules),
            ($"/lib/modules/{version}/modules.builtin", ""),
        ];

    private static GuestPlan Plan(string[] concerns, params (string Path, string Text)[] files) =>
        GuestPlanner.Plan(GuestFiles.Store(files), GuestCase.Run("k01-running-missing", "Kernels").Target, concerns);
}
