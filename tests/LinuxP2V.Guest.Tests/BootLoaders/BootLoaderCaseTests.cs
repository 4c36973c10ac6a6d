using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.BootLoaders;

/// <summary>Boot loaders of machines from bug reports.</summary>
public sealed class BootLoaderCaseTests
{
    private const string Boot = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c01";
    private const string Root = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c02";
    private const string Esp = "/boot/efi/EFI";

    [Fact]
    public void SUSEs_shim_takes_GRUB_and_MokManager_along_and_its_stub_finds_the_menu()
    {
        var guest = GuestCase.Run("e01-suse-grubefi", "BootLoader");
        Assert.Equal(
            [
                ($"{Esp}/sles/shim.efi", $"{Esp}/BOOT/BOOTX64.EFI"),
                ($"{Esp}/sles/grub.efi", $"{Esp}/BOOT/grub.efi"),
                ($"{Esp}/sles/MokManager.efi", $"{Esp}/BOOT/MokManager.efi"),
            ],
            guest.Plan.Changes.OfType<FileCopy>().Select(copy => (copy.From, copy.To))
        );
        Assert.Contains($"search --fs-uuid --set=root {Root}\n", guest.Text($"{Esp}/sles/grub.cfg"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "ubuntu")]
    [InlineData("\\EFI\\debian\\shimx64.efi", "debian")]
    [InlineData("\\EFI\\DEBIAN\\GRUBX64.EFI", "debian")]
    [InlineData("\\EFI\\BOOT\\BOOTX64.EFI", "ubuntu")]
    public void Of_two_vendors_the_one_that_the_source_booted_by_counts(string? booted, string vendor)
    {
        var guest = GuestCase.Run("e02-two-vendors", options => options with { BootedLoader = booted }, "BootLoader");
        var entry = Assert.Single(guest.Plan.Changes.OfType<EfiBootEntry>());
        Assert.Equal(vendor, entry.Loader.Vendor);
        Assert.All(
            guest.Plan.Changes.OfType<FileCopy>(),
            copy => Assert.StartsWith($"{Esp}/{vendor}/", copy.From, StringComparison.Ordinal)
        );
        Assert.Contains($"search.fs_uuid {Root} root", guest.Text($"{Esp}/debian/grub.cfg"), StringComparison.Ordinal);
    }

    private const string OfArray = "MZ(mduuid/0123)/boot/grub";

    /// <summary>The VM's firmware starts the fallback loader, whatever else is there.</summary>
    [Theory]
    // Neither the vendor's folder nor the fallback holds.
    [InlineData(OfArray, OfArray, "debian", true)]
    [InlineData("MZ", OfArray, null, true)]
    [InlineData(null, OfArray, "BOOT", false)]
    [InlineData("MZ", "MZ of the same vendor", null, false)]
    [InlineData(null, "MZ", null, false)]
    // The fallback loader of another system on the same disk.
    [InlineData("MZ", "MZ of Windows", null, true)]
    public void The_fallback_loader_leads_to_the_copy(string? vendor, string fallback, string? installed, bool isCopied)
    {
        var plain = Samples.Server();
        var esp = plain.Volumes[1] with
        {
            Id = "/boot/efi",
            MountPoint = "/boot/efi",
            FileSystem = new FileSystemSpec { Kind = FileSystemKind.Vfat, Uuid = "A1B2-C3D4" },
        };
        var plan = GuestPlanner.Plan(
            GuestFiles.Store([
                ("/usr/sbin/grub-install", "x"),
                ("/usr/lib/grub/x86_64-efi/modinfo.sh", "x"),
                ("/boot/grub/grub.cfg", "set default=0\n"),
                ($"{Esp}/Microsoft/Boot/bootmgfw.efi", "MZ of Windows"),
                ($"{Esp}/BOOT/BOOTX64.EFI", fallback),
                .. vendor is null ? [] : ((string, string)[])[($"{Esp}/debian/grubx64.efi", vendor)],
            ]),
            new GuestTarget(
                plain with
                {
                    Firmware = Firmware.Uefi,
                    Volumes = [.. plain.Volumes, esp],
                },
                new ReconfigureOptions { RunningKernel = "6.1" }
            ),
            ["BootLoader"]
        );
        var install = plan.Changes.OfType<GrubEfiInstall>().SingleOrDefault();
        Assert.Equal((installed, installed == "BOOT"), (install?.Vendor, install?.IsFallback ?? false));
        Assert.Equal(
            isCopied ? [($"{Esp}/debian/grubx64.efi", $"{Esp}/BOOT/BOOTX64.EFI")] : [],
            plan.Changes.OfType<FileCopy>().Select(copy => (copy.From, copy.To))
        );
    }

    [Fact]
    public void A_boot_manager_that_is_not_known_is_said_before_the_copy()
    {
        var error = Assert.Single(GuestCase.Run("e03-refind-only", "BootLoader").Plan.Errors);
        Assert.Contains("gentoo, refind", error.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_menus_the_one_beside_the_loader_is_made_anew()
    {
        var menu = Assert.Single(GuestCase.Run("g01-two-menus-esp", "CommandLine", "BootLoader").Plan.Changes.OfType<GrubMenuBuild>());
        Assert.Equal($"{Esp}/centos/grub.cfg", menu.Path);
        Assert.Contains("root=/dev/md1", menu.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("g03-suse-bios", "/dev/disk/by-id/scsi-3600508b1001c")]
    [InlineData("s01-suse-defaults", "/dev/disk/by-id/scsi-36003048")]
    public void SUSEs_record_of_the_boot_disk(string name, string device)
    {
        var guest = GuestCase.Run(name, "BootLoader");
        if (name == "g03-suse-bios")
        {
            Assert.Empty(guest.Plan.Errors);
            Assert.Equal(new GrubInstall("BootLoader", 0, "grub2-install"), guest.Plan.Changes.OfType<GrubInstall>().Single());
            var record = Assert.Single(guest.Plan.Changes.OfType<BootDiskRecord>());
            Assert.Equal((device, DeviceReference.OnDisk(0)), (record.Devices.Keys.Single(), record.Devices.Values.Single()));
        }
        else
        {
            // The case holds no GRUB at all, which is an error of its own.
            Assert.Equal("BootLoaderNotSupported", Assert.Single(guest.Plan.Errors).Id);
        }
    }

    [Fact]
    public void Custom_entries_are_changed_where_words_do_and_named_where_not()
    {
        var guest = GuestCase.Run("g04-custom", "CommandLine", "BootLoader");
        Assert.EndsWith(
            "menuentry 'rescue' { linux /vmlinuz root=UUID=" + Root + " }\n",
            guest.Text("/etc/grub.d/40_custom"),
            StringComparison.Ordinal
        );
        Assert.Equal("menuentry 'c' { linux /vmlinuz root=UUID=" + Root + " }\n", guest.Text("/boot/grub2/custom.cfg"));
        Assert.Equal("/boot/grub2/grub.cfg", Assert.Single(guest.Plan.Changes.OfType<GrubMenuBuild>()).Path);
    }

    [Theory]
    [InlineData("cryptomount -u 0123", "LUKS")]
    [InlineData("menuentry 'a' {\n set root=(hd0,msdos1)\n linux /vmlinuz ro\n}", "by its number, hd0,msdos1 (entry a)")]
    [InlineData("menuentry 'x' {\n multiboot2 /xen.gz\n module2 /vmlinuz root=/dev/md9\n}", "root=/dev/md9")]
    [InlineData("menuentry 'l' {\n search --no-floppy --label OLD --set root\n linux ($root)/vmlinuz ro\n}", "the label OLD")]
    [InlineData("menuentry 'm' {\n set root='mduuid/0123'\n linux /vmlinuz ro\n}", "mduuid/0123")]
    [InlineData(
        "menuentry 'ok' {\n set root='hd0,gpt2'\n search --no-floppy --fs-uuid --set=root " + Boot + "\n linux /vmlinuz ro\n}",
        null
    )]
    [InlineData("menuentry 'ok' {\n search --label root --set\n linux /vmlinuz ro\n}", null)]
    [InlineData("submenu 'more' { menuentry 'a' --class x {\n linux /vmlinuz rd.md.uuid=1:2\n} }", "rd.md.uuid")]
    public void What_keeps_a_menu_from_holding(string text, string? reason)
    {
        var why = GrubMenuText.WhyNot(text, Samples.Devices());
        Assert.True(reason is null ? why is null : why?.Contains(reason, StringComparison.Ordinal), why);
    }

    [Fact]
    public void Debians_record_of_the_EFI_partition()
    {
        var record = Assert.Single(GuestCase.Run("g05-grubpc-efi-debconf", "BootLoader").Plan.Changes.OfType<GrubPackageDisk>());
        Assert.Equal(("grub-efi/install_devices", "grub-efi-amd64"), (record.Subject, record.Package));
        Assert.Equal(DeviceReference.OnDisk(0, 1), record.Device);
    }

    [Fact]
    public void A_menu_whose_initramfs_is_gone_would_not_boot_and_is_made_anew()
    {
        var guest = GuestCase.Run("g06-initrd-missing", "BootLoader");
        var error = Assert.Single(guest.BootFindings.Before, finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal("The default boot entry \"x\" loads /initrd-gone.img, which is not there.", error.What);
        Assert.Contains("/initrd-gone.img", Assert.Single(guest.Plan.Changes.OfType<GrubMenuBuild>()).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_whose_kernel_is_gone_would_not_boot()
    {
        var guest = GuestCase.Run("g07-bls-broken", "CommandLine", "BootLoader");
        Assert.Equal(
            $"options root=UUID={Root} ro boot=UUID={Boot}\n",
            guest.Text("/boot/loader/entries/a.conf")["title a\nlinux /vmlinuz-gone\ninitrd /initramfs-gone.img\n".Length..]
        );
        var error = Assert.Single(guest.BootFindings.Planned, finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal(
            ("/boot/loader/entries/a.conf", "The default boot entry \"a\" starts /vmlinuz-gone, which is not there."),
            (error.Subject, error.What)
        );
    }

    [Fact]
    public void A_GRUB_that_was_made_for_an_array_is_installed_again()
    {
        var plan = Efi(
            ("/boot/efi/EFI/debian/grubx64.efi", "MZ\0(mduuid/0123456789abcdef)/boot/grub\0"),
            ("/usr/sbin/grub-install", "x"),
            ("/usr/lib/grub/x86_64-efi/modinfo.sh", "x")
        );
        var install = Assert.Single(plan.Changes.OfType<GrubEfiInstall>());
        Assert.Equal(("/boot/efi", "debian", "grub-install"), (install.EfiMountPoint, install.Vendor, install.Program));
        // The fallback is copied from the new one.
        Assert.True(plan.Changes.ToList().IndexOf(install) < plan.Changes.ToList().FindIndex(change => change is FileCopy));
        Assert.Contains(
            Efi(("/boot/efi/EFI/debian/grubx64.efi", "MZ\0(lvmid/a/b)/boot/grub\0")).Errors,
            error => error.Subject == "/boot/efi/EFI/debian"
        );
        Assert.Empty(Efi(("/boot/efi/EFI/debian/grubx64.efi", $"search.fs_uuid {Boot} root ")).Changes.OfType<GrubEfiInstall>());
    }

    [Fact]
    public void A_fallback_of_another_vendor_gives_way()
    {
        var plan = Efi(
            ("/boot/efi/EFI/debian/grubx64.efi", "MZ debian"),
            ("/boot/efi/EFI/fedora/grubx64.efi", "MZ of fedora"),
            ("/boot/efi/EFI/BOOT/bootx64.efi", "MZ of fedora"),
            ("/etc/os-release", "NAME=x\nID=debian\n")
        );
        Assert.Equal("/boot/efi/EFI/BOOT/bootx64.efi", Assert.Single(plan.Changes.OfType<FileCopy>()).To);
    }

    private static GuestPlan Efi(params (string Path, string Text)[] files)
    {
        var layout = Samples.Server() with
        {
            Firmware = Firmware.Uefi,
            Volumes =
            [
                .. Samples.Server().Volumes,
                new TargetVolume
                {
                    Id = "/boot/efi",
                    MountPoint = "/boot/efi",
                    Device = DeviceReference.OnDisk(0, 1),
                    FileSystem = new FileSystemSpec { Kind = FileSystemKind.Vfat, Uuid = "A1B2-C3D4" },
                    SourceDevice = "/dev/sda1",
                },
            ],
        };
        return GuestPlanner.Plan(GuestFiles.Store(files), new GuestTarget(layout, new() { RunningKernel = "6.1" }), ["BootLoader"]);
    }
}
