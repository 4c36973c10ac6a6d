using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Modprobe;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;

namespace LinuxP2V.Guest.Tests.Kernels;

/// <summary>Rules and lists that keep the VM's drivers out.</summary>
public sealed class ModprobeTests
{
    private static readonly string[] Needed = ["vmw_pvscsi", "nvme"];

    [Theory]
    [InlineData("install vmw_pvscsi /bin/true", true)]
    [InlineData("install vmw-pvscsi /bin/false", true)]
    [InlineData("  blacklist\tnvme  ", true)]
    [InlineData("alias nvme off", true)]
    [InlineData("install vmw_pvscsi \\\n  /bin/true", true)]
    [InlineData("install vmw_pvscsi /sbin/modprobe --ignore-install vmw_pvscsi cmd_per_lun=1", false)]
    [InlineData("options vmw_pvscsi cmd_per_lun=254", false)]
    [InlineData("blacklist nouveau", false)]
    [InlineData("# blacklist nvme", false)]
    [InlineData("blacklist nvme_fabrics", false)]
    public void Rules_are_switched_off_that_keep_a_driver_out(string rule, bool isSwitchedOff)
    {
        var changed = ModprobeText.Unblock($"blacklist pcspkr\n{rule}\noptions x y=1\n", Needed);
        Assert.Equal(isSwitchedOff ? 1 : 0, changed.Changes.Count);
        Assert.StartsWith("blacklist pcspkr\n", changed.Text, StringComparison.Ordinal);
        Assert.EndsWith("\noptions x y=1\n", changed.Text, StringComparison.Ordinal);
        Assert.All(changed.Text.Split('\n')[1..^2], line => Assert.True(!isSwitchedOff || line.StartsWith('#')));
        Assert.Empty(ModprobeText.BlockedBy(changed.Text, Needed));
    }

    [Fact]
    public void Aliases_of_old_systems_name_the_VMs_hardware()
    {
        const string Text =
            "alias eth0 bnx2\nalias scsi_hostadapter megaraid_sas\nalias scsi_hostadapter1 ata_piix\noptions bnx2 "
            + "disable_msi=1\nalias eth1 vmxnet3\n";
        Assert.Equal(
            "alias eth0 vmxnet3\nalias scsi_hostadapter vmw_pvscsi\n# linuxp2v: not in the VM: alias scsi_hostadapter1 ata_piix\n"
                + "options bnx2 disable_msi=1\nalias eth1 vmxnet3\n",
            ModprobeText.Aliases(Text, "vmw_pvscsi", "vmxnet3").Text
        );
    }

    [Fact]
    public void Hardening_rules_of_a_real_machine() =>
        Assert.Equal(
            ["# linuxp2v: the VM needs vmxnet3: blacklist vmxnet3", "# linuxp2v: the VM needs vmw_pvscsi: install vmw_pvscsi /bin/true"],
            GuestCase.Run("n10-dispatcher-others", "Modprobe").Text("/etc/modprobe.d/net.conf").Split('\n')[..2]
        );

    [Fact]
    public void A_packages_rules_are_overridden_and_the_image_is_built_with_them()
    {
        var plan = Plan(
            ("/lib/modules/5.14.0-1/modules.dep", "k/vmw_pvscsi.ko:\nk/sd_mod.ko:\nk/ext4.ko:\nk/vmxnet3.ko:\n"),
            ("/boot/vmlinuz-5.14.0-1", "x"),
            ("/usr/bin/dracut", "x"),
            ("/usr/lib/modprobe.d/a.conf", "blacklist vmxnet3\n"),
            ("/usr/lib/modprobe.d/b.conf", "blacklist vmw_pvscsi\n"),
            ("/etc/modprobe.d/b.conf", ""),
            ("/etc/modprobe.d/c.conf.rpmsave", "blacklist nvme\n"),
            ("/etc/modprobe.d/blacklist", "blacklist nvme\n")
        );
        Assert.Equal(
            ["/etc/modprobe.d/blacklist", "/etc/modprobe.d/a.conf"],
            plan.Changes.Where(change => change.Concern == "Modprobe").Select(change => change.Subject)
        );
        Assert.Equal(["/etc/modprobe.d/a.conf", "/etc/modprobe.d/blacklist"], Assert.Single(plan.Changes.OfType<InitramfsBuild>()).Inputs);
    }

    [Theory]
    [InlineData("omit_drivers+=\" nouveau vmw_pvscsi \"", "omit_drivers+=\" nouveau \"")]
    [InlineData("omit_drivers+=' .*scsi '", "omit_drivers+=\"  \"")]
    [InlineData("omit_drivers=nvme", "omit_drivers=nvme")]
    [InlineData("drivers+=\" megaraid_sas \"", "drivers+=\" megaraid_sas vmw_pvscsi \"")]
    [InlineData("filesystems+=\"xfs\"", "filesystems+=\" xfs ext4 \"")]
    [InlineData("omit_dracutmodules+=\" lvm plymouth \"", "omit_dracutmodules+=\" plymouth \"")]
    [InlineData("add_drivers+=\" megaraid_sas \"", "add_drivers+=\" megaraid_sas \"")]
    [InlineData("hostonly=\"yes\"", "hostonly=\"yes\"")]
    [InlineData("#omit_drivers+=\" vmw_pvscsi \"", "#omit_drivers+=\" vmw_pvscsi \"")]
    public void Lists_of_dracut(string line, string expected) =>
        Assert.Equal($"a=b\n{expected}\n", new DracutSettings(["vmw_pvscsi"], ["lvm"], ["ext4"]).Transform($"a=b\n{line}\n").Text);

    [Fact]
    public void An_image_whose_own_rules_block_a_driver_lacks_it()
    {
        var build = Assert.Single(
            Plan(
                ("/lib/modules/5.14.0-1/modules.dep", "k/vmw_pvscsi.ko:\nk/sd_mod.ko:\nk/ext4.ko:\n"),
                ("/boot/vmlinuz-5.14.0-1", "x"),
                ("/usr/bin/dracut", "x")
            )
                .Changes.OfType<InitramfsBuild>()
        );
        (string, string)[] modules = [("lib/m/vmw_pvscsi.ko", "x"), ("lib/m/sd_mod.ko", "x"), ("lib/m/ext4.ko", "x")];
        Assert.Empty(
            KernelImages.Content([.. modules, ("etc/modprobe.d/x.bak", "blacklist ext4\n")]).Missing(build.Modules, build.Programs)
        );
        var image = KernelImages.Content([.. modules, ("etc/modprobe.d/cis.conf", "install vmw_pvscsi /bin/true\n")]);
        Assert.StartsWith("vmw_pvscsi (", Assert.Single(image.Missing(build.Modules, build.Programs)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MODULES=()\nHOOKS=(base)", "MODULES+=(vmw_pvscsi sd_mod ext4)\n")]
    [InlineData("MODULES=\"ext4\"\n", "MODULES=\"$MODULES vmw_pvscsi sd_mod ext4\"\n")]
    public void Lists_of_mkinitcpio(string text, string line)
    {
        var plan = Plan(
            ("/lib/modules/5.14.0-1/modules.dep", "k/vmw_pvscsi.ko:\nk/sd_mod.ko:\nk/ext4.ko:\n"),
            ("/boot/vmlinuz-5.14.0-1", "x"),
            ("/usr/bin/mkinitcpio", "x"),
            ("/etc/mkinitcpio.conf", text)
        );
        var written = Assert.Single(plan.Changes.OfType<FileText>());
        Assert.StartsWith(text, written.Text, StringComparison.Ordinal);
        Assert.EndsWith(line, written.Text, StringComparison.Ordinal);
    }

    private static GuestPlan Plan(params (string Path, string Text)[] files) =>
        GuestPlanner.Plan(
            GuestFiles.Store(files),
            GuestCase.Run("k01-running-missing", "Kernels").Target,
            ["Kernels", "Modprobe", "Initramfs"]
        );
}
