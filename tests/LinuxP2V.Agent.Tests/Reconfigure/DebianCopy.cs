using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Storage;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Agent.Tests.Reconfigure;

/// <summary>
/// A real Debian 12 copied to loop disks, as it comes from a server with another disk controller.
/// </summary>
internal sealed class DebianCopy : IDisposable
{
    private const string Packages =
        "linux-image-cloud-amd64,initramfs-tools,dracut-core,grub-pc-bin,grub2-common,"
        + "zstd,systemd,systemd-sysv,ifupdown,udev,lvm2,openssh-server,iproute2,kmod,e2fsprogs";

    private DebianCopy(LoopDisks disks, MountedTarget target, string kernel) => (Disks, Target, Kernel) = (disks, target, kernel);

    public LoopDisks Disks { get; }

    public MountedTarget Target { get; }

    /// <summary>The version of the only kernel.</summary>
    public string Kernel { get; }

    public string Initramfs => Path.Combine(Target.VolumePaths["/boot"], $"initrd.img-{Kernel}");

    public static async Task<DebianCopy> CreateAsync(IReadOnlyDictionary<string, string> files)
    {
        var archive = DebianTree.Archive(Packages);
        var disks = new LoopDisks(3700 * MiB);
        var target = await disks.Storage().PrepareAsync("slow", DebianBios(), new RecordingSink(), CancellationToken.None);
        var root = target.VolumePaths["/"];
        LoopDisks.Run("tar", "-xf", archive, "-C", root, "--exclude=./dev/*", "--exclude=./boot/*");
        LoopDisks.Run("tar", "-xf", archive, "-C", target.VolumePaths["/boot"], "--strip-components=2", "./boot/");
        foreach (var (path, text) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(root + path)!);
            await File.WriteAllTextAsync(root + path, text);
        }

        var kernel = Path.GetFileName(Directory.GetDirectories(Path.Combine(root, "usr/lib/modules")).Single());
        return new DebianCopy(disks, target, kernel);
    }

    public string Read(string path) => File.ReadAllText(Target.VolumePaths["/"] + path);

    public void Delete(string path) => File.Delete(Target.VolumePaths["/"] + path);

    /// <summary>An image such as MODULES=dep makes on hardware without the VM's controllers.</summary>
    public void ShrinkInitramfs()
    {
        var root = Target.VolumePaths["/"];
        var configuration = Path.Combine(root, "etc/initramfs-tools/conf.d/test");
        File.WriteAllText(configuration, "MODULES=list\n");
        LoopDisks.Run("mount", "--bind", Target.VolumePaths["/boot"], Path.Combine(root, "boot"));
        LoopDisks.Run("chroot", root, "/usr/sbin/mkinitramfs", "-o", "/tmp/small", Kernel);
        LoopDisks.Run("umount", Path.Combine(root, "boot"));
        File.Move(Path.Combine(root, "tmp/small"), Initramfs, overwrite: true);
        File.Delete(configuration);
    }

    /// <summary>Leaves dracut as the only tool, as its package does, which initramfs-tools cannot be installed beside.</summary>
    public void LeaveDracut()
    {
        foreach (var program in new[] { "mkinitramfs", "update-initramfs" })
        {
            File.Delete(Path.Combine(Target.VolumePaths["/"], "usr/sbin", program));
        }
    }

    public IReadOnlyList<string> ListInitramfs(string program = "lsinitramfs")
    {
        File.Copy(Initramfs, Path.Combine(Target.VolumePaths["/"], "tmp/image"), overwrite: true);
        return LoopDisks.Run("chroot", Target.VolumePaths["/"], $"/usr/bin/{program}", "/tmp/image").Split('\n');
    }

    public void Dispose() => Disks.Dispose();
}
