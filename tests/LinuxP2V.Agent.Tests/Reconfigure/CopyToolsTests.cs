using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Apply;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Guest;
using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Identity;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Network;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Reconfigure;

/// <summary>Changes that programs of the copy carry out, by the programs of a real Debian 12.</summary>
public sealed class CopyToolsTests
{
    private const string Packages =
        "netplan.io,network-manager,grub-efi-amd64-bin,grub2-common,debconf,kmod,systemd,udev,dosfstools,openssh-client,"
        + "zstd,xz-utils,lz4,cpio";

    private const string Mac = "00:50:56:00:00:01";

    [RootFact("mmdebstrap", "sfdisk", "mke2fs")]
    [Trait("Run", "Full")]
    public Task Programs_of_a_real_system_do_what_the_plan_asks_for() =>
        RunAsync(
            Layouts.DebianBios(),
            async (copy, target) =>
            {
                await PackagesRememberTheDisk(copy, target);
                await AShellReadsTheDefaults(copy);
                await AFileThatNoShellReadsIsPutBack(copy);
                await NetplanReadsItsFiles(copy);
                await NetworkManagerReadsItsProfiles(copy);
                await DepmodListsModules(copy);
                await HostKeysAreMade(copy);
            }
        );

    [RootFact("mmdebstrap", "sfdisk", "mke2fs", "vfat")]
    [Trait("Run", "Full")]
    public Task GRUB_is_installed_for_UEFI() => RunAsync(Uefi(), GrubIsInstalledForUefi);

    private static async Task RunAsync(TargetLayout layout, Func<Copy, MountedTarget, Task> test)
    {
        using var disks = new LoopDisks(3700 * Layouts.MiB);
        var target = await disks.Storage().PrepareAsync("slow", layout, new RecordingSink(), CancellationToken.None);
        var root = target.VolumePaths["/"];
        LoopDisks.Run("tar", "-xf", DebianTree.Archive(Packages), "-C", root, "--exclude=./dev/*");
        var tree = new TargetTree(disks.Settings.TargetRoot);
        await tree.AssembleAsync(target, CancellationToken.None);
        try
        {
            await test(new Copy(target, disks.Settings.TargetRoot), target);
        }
        finally
        {
            await tree.DisassembleAsync();
        }

        Assert.Empty(Mounts.Below(disks.Settings.TargetRoot, await File.ReadAllTextAsync("/proc/self/mountinfo")));
    }

    private static async Task GrubIsInstalledForUefi(Copy copy, MountedTarget target)
    {
        await copy.ApplyAsync(new GrubEfiInstallApplier(), new GrubEfiInstall("BootLoader", "/boot/efi", "debian", "grub-install", "test"));
        var program = Path.Combine(target.VolumePaths["/boot/efi"], "EFI/debian/grubx64.efi");
        Assert.Equal("MZ"u8.ToArray(), File.ReadAllBytes(program)[..2]);
        // What it looks for is the copy's own file system.
        Assert.Contains(
            $"search.fs_uuid {Layouts.RootUuid} root",
            CopyRoot.Bytes.GetString(File.ReadAllBytes(program)),
            StringComparison.Ordinal
        );
        Assert.True(File.Exists(Path.Combine(target.VolumePaths["/"], "boot/grub/x86_64-efi/normal.mod")));
    }

    private static async Task PackagesRememberTheDisk(Copy copy, MountedTarget target)
    {
        var device = DeviceReference.OnDisk(0, 2);
        await copy.ApplyAsync(
            new GrubPackageDiskApplier(),
            new GrubPackageDisk("BootLoader", device, "grub-efi-amd64", "grub-efi/install_devices")
        );
        // A loop device has no place in a machine, so its name is the stable one.
        var name = $"{target.DiskDevices[0]}p2";
        Assert.Contains(
            $"Name: grub-efi/install_devices\nTemplate: grub-efi/install_devices\nValue: {name}\n",
            copy.Read("/var/cache/debconf/config.dat"),
            StringComparison.Ordinal
        );
        copy.Write("/etc/default/grub_installdevice", "/dev/disk/by-id/ata-1\nactivate\n/dev/disk/by-id/ata-1-part2\n");
        await copy.ApplyAsync(
            new BootDiskRecordApplier(),
            new BootDiskRecord(
                "BootLoader",
                "/etc/default/grub_installdevice",
                new Dictionary<string, DeviceReference>
                {
                    ["/dev/disk/by-id/ata-1"] = DeviceReference.OnDisk(0),
                    ["/dev/disk/by-id/ata-1-part2"] = device,
                }
            )
        );
        Assert.Equal($"{target.DiskDevices[0]}\nactivate\n{name}\n", copy.Read("/etc/default/grub_installdevice"));
    }

    private static async Task AShellReadsTheDefaults(Copy copy)
    {
        copy.Write("/etc/default/grub", "echo hello\nA=rd.md\nGRUB_CMDLINE_LINUX=\"quiet $(echo $A).uuid=a:b it's\"\n");
        copy.Write("/etc/default/grub.d/10.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT splash\"\n");
        await copy.ApplyAsync(new GrubDefaultsApplier(), Defaults);
        Assert.Equal(
            "# linuxp2v: the command line for this machine\nGRUB_CMDLINE_LINUX='quiet it'\\''s'\n",
            copy.Read("/etc/default/grub.d/zzzz-linuxp2v.cfg")
        );
        Assert.Contains("grub-mkconfig will see GRUB_CMDLINE_LINUX=\"quiet it's\".", copy.Context.Notes);
        Assert.Contains("grub-mkconfig will see GRUB_CMDLINE_LINUX_DEFAULT=\" splash\".", copy.Context.Notes);
        Assert.Empty(copy.Context.Warnings);

        copy.Write("/etc/default/grub.d/10.cfg", ". /etc/absent\n");
        await copy.ApplyAsync(new GrubDefaultsApplier(), Defaults);
        Assert.Contains("/etc/absent", copy.TakeWarning(), StringComparison.Ordinal);
        copy.Write("/etc/default/grub.d/10.cfg", "GRUB_CMDLINE_LINUX=\"\nno end\n");
        await copy.ApplyAsync(new GrubDefaultsApplier(), Defaults);
        Assert.Contains("No shell can read /etc/default/grub.d/10.cfg", copy.TakeWarning(), StringComparison.Ordinal);
        copy.Write("/etc/default/grub.d/10.cfg", "");
    }

    private static async Task AFileThatNoShellReadsIsPutBack(Copy copy)
    {
        const string Good = "GRUB_CMDLINE_LINUX=\"quiet\"\n";
        copy.Write("/etc/default/grub", Good);
        await copy.ApplyAsync(
            new FileTextApplier(),
            new FileText("CommandLine", "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"qui\net\n", "", "")
        );
        var failure = await Assert.ThrowsAsync<AgentException>(() => copy.ApplyAsync(new GrubDefaultsApplier(), Defaults));
        Assert.Contains("/etc/default/grub could not be changed", failure.Error.Cause, StringComparison.Ordinal);
        Assert.Contains("Unterminated quoted string", failure.Error.Cause, StringComparison.Ordinal);
        Assert.Equal(Good, copy.Read("/etc/default/grub"));
    }

    private static async Task NetplanReadsItsFiles(Copy copy)
    {
        var check = copy.CheckOf(
            "/etc/netplan/01.yaml",
            $"network:\n  version: 2\n  ethernets:\n    eno1:\n      match: {{macaddress: \"3c:fd:fe:00:00:01\"}}\n      dhcp4: true\n"
        );
        await copy.ApplyAsync(new ConfigurationCheckApplier(), check);
        Assert.Empty(copy.Context.Warnings);
        Assert.Contains(Mac, copy.Read("/run/systemd/network/10-netplan-eno1.network"), StringComparison.OrdinalIgnoreCase);
        copy.Write("/etc/netplan/01.yaml", "network:\n  version: 2\n  ethernets:\n    eno1:\n      dhcp4: s3cret\n");
        await copy.ApplyAsync(new ConfigurationCheckApplier(), check);
        var warning = copy.TakeWarning();
        Assert.Contains("It stops at /etc/netplan/01.yaml:5:14.", warning, StringComparison.Ordinal);
        copy.AssertNeverTold("s3cret");
    }

    private static async Task NetworkManagerReadsItsProfiles(Copy copy)
    {
        const string Path = "/etc/NetworkManager/system-connections/eno1.nmconnection";
        const string Profile =
            "[connection]\nid=eno1\ntype=ethernet\n\n[ethernet]\nmac-address=MAC\n\n[802-1x]\n"
            + "eap=md5;\nidentity=x\npassword=s3cret\n\n[ipv4]\nmethod=auto\n";
        var check = copy.CheckOf(Path, Profile.Replace("MAC", "3C:FD:FE:00:00:01", StringComparison.Ordinal));
        await copy.ApplyAsync(new ConfigurationCheckApplier(), check);
        Assert.Empty(copy.Context.Warnings);
        Assert.Contains($"nmcli read {Path} without complaint.", copy.Context.Notes);
        copy.Write(Path, Profile.Replace("MAC", $"{Mac};", StringComparison.Ordinal));
        await copy.ApplyAsync(new ConfigurationCheckApplier(), check);
        Assert.Contains($"It passes over {Mac}.", copy.TakeWarning(), StringComparison.Ordinal);
        copy.Write(Path, "[connection\npassword=s3cret\n");
        await copy.ApplyAsync(new ConfigurationCheckApplier(), check);
        Assert.Contains("It ended with 1.", copy.TakeWarning(), StringComparison.Ordinal);
        copy.AssertNeverTold("s3cret");
    }

    private static async Task DepmodListsModules(Copy copy)
    {
        copy.Write("/lib/modules/6.1.0-1/modules.order", "kernel/drivers/x.ko\n");
        copy.Write("/lib/modules/6.1.0-1/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
        await copy.ApplyAsync(new ModuleIndexApplier(), new ModuleIndexBuild("Initramfs", "6.1.0-1"));
        Assert.Equal("", copy.Read("/lib/modules/6.1.0-1/modules.dep"));
        Assert.True(File.Exists(copy.Context.Files.Host("/lib/modules/6.1.0-1/modules.builtin.bin")));
    }

    private static async Task HostKeysAreMade(Copy copy)
    {
        const string Key = "/etc/ssh/ssh_host_ed25519_key";
        copy.Write(Key, "the source's");
        await copy.ApplyAsync(new FileRemovalApplier(), new FileRemoval("Identity", Key, "", IsSecret: true));
        Assert.False(File.Exists(copy.Context.Files.Host(Originals.PathOf(Key))));
        var build = new HostKeyBuild("Identity", Key, "ssh-keygen", ["-q", "-N", "", "-t", "ed25519", "-f", Key]);
        await copy.ApplyAsync(new HostKeyApplier(), build);
        Assert.StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----", copy.Read(Key), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(copy.Context.Files.Host(Key)));
        var first = copy.Read($"{Key}.pub");
        Assert.StartsWith("ssh-ed25519 ", first, StringComparison.Ordinal);
        // A repeated run makes another one and asks nobody.
        await copy.ApplyAsync(new HostKeyApplier(), build);
        Assert.NotEqual(first, copy.Read($"{Key}.pub"));
        var failure = await Assert.ThrowsAsync<AgentException>(() =>
            copy.ApplyAsync(new HostKeyApplier(), build with { Arguments = ["-t", "none", "-f", Key] })
        );
        Assert.Contains("could not make the host key", failure.Error.Cause, StringComparison.Ordinal);
    }

    private static GrubDefaultsRead Defaults =>
        new("CommandLine", ["/etc/default/grub", "/etc/default/grub.d/10.cfg"], "/etc/default/grub.d/zzzz-linuxp2v.cfg");

    private static TargetLayout Uefi()
    {
        var plain = Layouts.DebianBios();
        return plain with
        {
            Firmware = Firmware.Uefi,
            Volumes =
            [
                plain.Volumes[0],
                Layouts.Volume("/boot/efi", 2, new FileSystemSpec { Kind = FileSystemKind.Vfat, Uuid = "A1B2-C3D4" }, "/dev/sda2"),
                plain.Volumes[2],
            ],
        };
    }

    /// <summary>The copy as its own system sees it, and what was told of it.</summary>
    private sealed class Copy
    {
        private readonly RecordingSink sink = new();

        public Copy(MountedTarget target, string root)
        {
            var options = new ReconfigureOptions
            {
                RunningKernel = "6.1.0-1",
                Adapters = [new AdapterMapping("eno1", "3c:fd:fe:00:00:01", Mac)],
            };
            Context = new ReconfigureContext(target, new GuestTarget(target.Layout, options, target.DiskDevices), new CopyRoot(root), sink);
        }

        public ReconfigureContext Context { get; }

        public async Task ApplyAsync(IChangeApplier applier, GuestChange change) =>
            await applier.ApplyAsync(change, Context, CancellationToken.None);

        public string Read(string path) => File.ReadAllText(Context.Files.Host(path));

        public void Write(string path, string text)
        {
            var place = Context.Files.Host(path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.WriteAllText(place, text);
            File.SetUnixFileMode(place, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        /// <summary>Writes a file of the source, has it planned, and gives the check that the plan asks for.</summary>
        public ConfigurationCheck CheckOf(string path, string text)
        {
            Write(path, text);
            var plan = GuestPlanner.Plan(Context.Files.Tree.Store, Context.Guest);
            Write(path, plan.Changes.OfType<FileText>().Single(change => change.Path == path).Text);
            return plan.Changes.OfType<ConfigurationCheck>().First(check => path.StartsWith(check.Subject, StringComparison.Ordinal));
        }

        public string TakeWarning()
        {
            var warning = Assert.Single(Context.Warnings);
            Context.Warnings.Clear();
            return warning;
        }

        public void AssertNeverTold(string secret) =>
            Assert.DoesNotContain(sink.Events, entry => entry.ToString()!.Contains(secret, StringComparison.Ordinal));
    }
}
