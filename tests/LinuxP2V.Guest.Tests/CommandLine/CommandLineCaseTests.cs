using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.Tests.CommandLine;

/// <summary>The kernel's command line of machines from bug reports, wherever it is kept.</summary>
public sealed class CommandLineCaseTests
{
    private const string Root = "UUID=0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c02";
    private const string Boot = "UUID=0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c01";

    [Fact]
    public void A_comment_behind_a_value_hides_nothing() =>
        Assert.Equal(
            $"GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX=\"root={Root} quiet\"  # set by kickstart\n",
            GuestCase.Run("c01-grub-comment", "CommandLine").Text("/etc/default/grub")
        );

    [Fact]
    public void Appended_values_and_variables_that_they_name() =>
        Assert.Equal(
            "GRUB_CMDLINE_LINUX=\"\"\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX\"\nMYARGS=\"\"\n"
                + "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX $MYARGS\"\n",
            GuestCase.Run("c03-grub-append-var", "CommandLine").Text("/etc/default/grub")
        );

    [Fact]
    public void Single_quotes_continued_lines_and_devices_that_grub_mkconfig_finds_itself()
    {
        var guest = GuestCase.Run("c06-grub-default-forms", "CommandLine");
        Assert.Equal(
            "GRUB_CMDLINE_LINUX='quiet'\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"; export GRUB_CMDLINE_LINUX_DEFAULT\n"
                + "GRUB_CMDLINE_LINUX=\"${GRUB_CMDLINE_LINUX}\" \\\n  ;\nGRUB_DEVICE=\"${GRUB_DEVICE}\"\n"
                + "GRUB_DEVICE_UUID=\"${GRUB_DEVICE_UUID}\"\n",
            guest.Text("/etc/default/grub")
        );
        Assert.Equal("GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT\"\n", guest.Text("/etc/default/grub.d/50-x.cfg"));
        Assert.Equal("DEFAULT_APPEND=\"\"\n", guest.Text("/etc/sysconfig/bootloader"));
        Assert.Equal("GRUB_CMDLINE_LINUX=\"\"\n", guest.Text("/etc/sysconfig/grub"));
    }

    [Fact]
    public void Every_word_that_names_what_the_copy_lacks()
    {
        var guest = GuestCase.Run("c04-words", options => options with { MemoryBytes = 6L << 30 }, "CommandLine");
        Assert.Equal(
            $"root={Root} ro fips=1 boot={Boot} ifname=boot0:00:50:56:00:00:01 ip=boot0:dhcp rd.neednet=1 systemd.swap=1 "
                + "hugepages=200000 crashkernel=4G mem=512G console=ttyS1,115200n8\n",
            guest.Text("/etc/kernel/cmdline")
        );
        Assert.Equal(
            $"title x\nlinux /vmlinuz-5.14\noptions root={Root} ro boot={Boot} fips=1\n",
            guest.Text("/boot/loader/entries/aaa-5.14.conf")
        );
        Assert.Equal(
            ["SerialConsole console=ttyS1,115200n8", "MemoryReservation hugepages=200000", "MemoryReservation crashkernel=4G"],
            guest.Findings.Select(finding => $"{finding.Id} {finding.Subject}")
        );
        Assert.All(guest.Findings, finding => Assert.Equal(FindingSeverity.Warning, finding.Severity));
    }

    /// <summary>Without the VM's memory, only what holds for any machine is said.</summary>
    [Fact]
    public void Memory_that_is_not_known() =>
        Assert.Equal(
            ["console=ttyS1,115200n8", "hugepages=200000"],
            GuestCase.Run("c04-words", "CommandLine").Findings.Select(finding => finding.Subject)
        );

    [Fact]
    public void Command_lines_that_dracut_bakes_into_images()
    {
        var guest = GuestCase.Run("c05-dracutconf", "CommandLine");
        Assert.Equal("", guest.Text("/etc/cmdline").Trim());
        Assert.Equal("", guest.Text("/etc/cmdline.d/10.conf").Trim());
        Assert.Equal(
            $"kernel_cmdline=\"root={Root}\"\nhostonly_cmdline=\"yes\"\nadd_device+=\" /dev/disk/by-uuid/{Root["UUID=".Length..]} \"\n",
            guest.Text("/etc/dracut.conf.d/raid.conf")
        );
    }

    [Fact]
    public void The_environment_of_GRUB_in_boot_and_on_the_EFI_partition()
    {
        var guest = GuestCase.Run("c07-grubenv", "CommandLine");
        var own = guest.Text("/boot/grub2/grubenv");
        Assert.Equal(1024, own.Length);
        Assert.StartsWith(
            $"# GRUB Environment Block\nsaved_entry=x-4.18\nkernelopts=root={Root} ro boot={Boot} fips=1",
            own,
            StringComparison.Ordinal
        );
        var esp = guest.Text("/boot/efi/EFI/redhat/grubenv");
        Assert.Equal(1024, esp.Length);
        Assert.StartsWith($"# GRUB Environment Block\nkernelopts=root={Root} ro\n##", esp, StringComparison.Ordinal);
        Assert.True(guest.IsUntouched("/boot/loader/entries/x-4.18.conf"));
    }

    [Fact]
    public void Command_lines_of_kernel_install_ukify_and_extlinux()
    {
        var guest = GuestCase.Run("c08-cmdlined", "CommandLine");
        Assert.Equal($"[UKI]\nCmdline=root={Root}\n", guest.Text("/etc/kernel/uki.conf"));
        Assert.Equal("", guest.Text("/etc/kernel/cmdline.d/10-raid.conf").Trim());
        Assert.Equal($"APPEND root={Root}\n", guest.Text("/boot/extlinux/extlinux.conf"));
        Assert.Equal($"options  root={Root}\n", guest.Text("/boot/efi/loader/entries/y.conf"));
        // A package's own file is overruled, since an update would bring it back.
        Assert.True(guest.IsUntouched("/usr/lib/kernel/cmdline"));
        Assert.Equal($"root={Root}\n", guest.Text("/etc/kernel/cmdline"));
        Assert.True(guest.IsUntouched("/etc/default/zipl"));
    }

    [Fact]
    public void A_subvolume_that_the_kernel_is_told_stays() =>
        Assert.True(GuestCase.Run("b02-btrfs-ubuntu", "Fstab", "CommandLine").Plan.Changes is []);

    [Fact]
    public void A_swap_by_the_disks_serial_number_is_the_copys_only_one() =>
        Assert.Equal(
            "GRUB_CMDLINE_LINUX_DEFAULT=\"splash=silent resume=UUID=0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c03 quiet\"\n",
            GuestCase.Run("s01-suse-defaults", "CommandLine").Text("/etc/default/grub")
        );
}
