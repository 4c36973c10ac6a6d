using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Tests.Kernels;

public sealed class InitramfsTextTests
{
    [Fact]
    public void Knows_modules_and_programs_by_their_paths()
    {
        var image = KernelImages.Content(
            ("usr/lib/modules/6.1/kernel/drivers/scsi/vmw_pvscsi.ko", "x"),
            ("usr/sbin/lvm", "x"),
            ("lib/modules/6.1/kernel/drivers/md/dm-mod.ko.xz", "x")
        );
        Assert.False(image.IsEmpty);
        Assert.Equal(["dm_mod", "vmw_pvscsi"], image.Modules.Order());
        Assert.True(image.HasProgram("lvm"));
        Assert.True(new ImageContent(KernelImages.Read(KernelImages.Cpio(("etc/a", "x")))).IsEmpty);
    }

    [Theory]
    [InlineData("kernel/drivers/nvme/host/nvme-core.ko", "nvme_core")]
    [InlineData("/lib/modules/x/vmw_pvscsi.ko.zst", "vmw_pvscsi")]
    [InlineData("lib/modules/x/modules.order", null)]
    public void Module_names(string path, string? name) => Assert.Equal(name, InstalledKernel.ModuleName(path));

    [Fact]
    public void Needs_what_root_lies_on_and_nothing_that_is_built_in()
    {
        var layout = Samples.Server();
        var kernel = new InstalledKernel(
            "6.1",
            "/boot/vmlinuz-6.1",
            null,
            new HashSet<string> { "vmw_pvscsi", "ext4", "dm_mod" },
            new HashSet<string> { "sd_mod" }
        );
        Assert.Equal(["vmw_pvscsi", "ext4"], BootModules.Required(layout, kernel));
        Assert.Empty(BootModules.Missing(layout, kernel));

        var onLvm = layout with { Volumes = [layout.Volumes[0] with { Device = DeviceReference.OnVolumeGroup("vg-0", "raw") }] };
        Assert.Equal(["vmw_pvscsi", "dm_mod", "ext4"], BootModules.Required(onLvm, kernel));

        var nvme = layout with { Disks = [layout.Disks[0] with { Address = new DiskAddress(DiskController.Nvme, 0, 0) }] };
        Assert.Equal(["nvme"], BootModules.Missing(nvme, kernel));
    }

    [Fact]
    public void Versions_sort_as_people_count()
    {
        string[] versions = ["6.1.0-9-amd64", "6.1.0-56-amd64", "5.10.0-30-amd64", "6.10.1"];
        Assert.Equal(["6.10.1", "6.1.0-56-amd64", "6.1.0-9-amd64", "5.10.0-30-amd64"], versions.OrderDescending(VersionOrder.Instance));
        // An update of Red Hat's goes on with numbers where the first one goes on with letters.
        Assert.True(VersionOrder.Instance.Compare("3.10.0-1160.119.1.el7.x86_64", "3.10.0-1160.el7.x86_64") > 0);
        Assert.True(VersionOrder.Instance.Compare("6.1.0-009", "6.1.0-9") == 0);
    }

    [Fact]
    public void Finds_kernels_behind_links_of_the_guest_only()
    {
        var root = Directory.CreateTempSubdirectory("linuxp2v-root-").FullName;
        try
        {
            Directory.CreateDirectory(root + "/usr/lib/modules/6.1");
            Directory.CreateDirectory(root + "/usr/lib/modules/5.10");
            Directory.CreateDirectory(root + "/boot");
            // Absolute, as some distributions have it: followed on the host it would lead to the helper's own /usr.
            Directory.CreateSymbolicLink(root + "/lib", "/usr/lib");
            File.WriteAllText(root + "/usr/lib/modules/6.1/modules.dep", "kernel/drivers/scsi/vmw_pvscsi.ko.xz: kernel/x.ko\n");
            File.WriteAllText(root + "/usr/lib/modules/6.1/modules.builtin", "kernel/drivers/scsi/sd_mod.ko\n");
            File.WriteAllText(root + "/boot/vmlinuz-6.1", "x");
            File.WriteAllText(root + "/boot/initramfs-6.1.img", "x");
            var kernel = Assert.Single(KernelFinder.Find(new GuestTree(new FolderStore(root))));
            Assert.Equal(("6.1", "/boot/vmlinuz-6.1", "/boot/initramfs-6.1.img"), (kernel.Version, kernel.Image, kernel.InitramfsPath));
            Assert.True(kernel.Has("vmw_pvscsi") && kernel.BuiltIn.Contains("sd_mod"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
