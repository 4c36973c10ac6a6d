using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Protocol.Messages;
using Xunit.Abstractions;

namespace LinuxP2V.Agent.Tests.Reconfigure;

/// <summary>
/// The whole reconfiguration of a real system, with that system's own tools. Each file system of the copy is mounted anew, which
/// fails while another test's process holds it in a mount name space of its own.
/// </summary>
[Collection(ExclusiveTestGroup.Name)]
public sealed class ReconfigurerTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, string> Files = new()
    {
        ["/etc/fstab"] = """
            # <file system> <mount point> <type> <options> <dump> <pass>
            /dev/sda3	/	ext4	errors=remount-ro	0	1
            /dev/disk/by-id/ata-ST1000-part2 /boot ext4 defaults 0 2
            /dev/sda4 none swap sw 0 0
            UUID=99999999-0000-4000-8000-000000000001 /srv xfs defaults 0 2
            /dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0

            """,
        ["/etc/default/grub"] =
            "GRUB_DEFAULT=0\nGRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"resume=/dev/sda4 "
            + "rd.md.uuid=a:b console=tty0 console=ttyS0\"\nGRUB_TERMINAL=\"console serial\"\n",
        ["/etc/network/interfaces"] =
            "auto lo\niface lo inet loopback\n\nauto eno1\niface eno1 inet static\n    address 10.0.2.15/24\n    "
            + "gateway 10.0.2.2\n    hwaddress ether 3C:FD:FE:00:00:01\n",
        ["/etc/initramfs-tools/conf.d/resume"] = "RESUME=UUID=99999999-0000-4000-8000-000000000002\n",
        ["/etc/initramfs-tools/initramfs.conf"] = "MODULES=dep\nBUSYBOX=auto\nCOMPRESS=zstd\n",
        ["/etc/hostname"] = "web01\n",
    };

    private static ReconfigureOptions Options(string kernel) =>
        new()
        {
            RunningKernel = kernel,
            Adapters = [new AdapterMapping("eno1", "3c:fd:fe:00:00:01", "00:50:56:00:00:01")],
            Dropped = [new DroppedDevice("/dev/sdb1", "99999999-0000-4000-8000-000000000001", "/srv")],
        };

    /// <summary>Another address, and hooks that look at what was done before them.</summary>
    private static ReconfigureOptions WithHooks(ReconfigureOptions options)
    {
        const string Changed = "grep -q 10.0.2.16 /etc/network/interfaces";
        return options with
        {
            Addresses = [new InterfaceAddresses("eno1") { Addresses = ["10.0.2.16/25"], Gateways = ["10.0.2.2"] }],
            Hooks =
            [
                Hook("first", HookMoment.BeforeReconfiguration, $"if {Changed}; then exit 1; fi; echo before >>/etc/hooks"),
                Hook("last", HookMoment.AfterReconfiguration, $"{Changed} && echo after >>/etc/hooks"),
                Hook("later", HookMoment.FirstBoot, "true"),
            ],
        };

        static HookScript Hook(string name, HookMoment moment, string text) =>
            new()
            {
                Name = name,
                Moment = moment,
                Text = text + "\n",
            };
    }

    [RootFact("mmdebstrap", "sfdisk", "mke2fs")]
    [Trait("Run", "Full")]
    public async Task A_debian_from_other_hardware_is_made_to_boot_and_a_second_run_changes_nothing()
    {
        using var copy = await DebianCopy.CreateAsync(Files);
        copy.ShrinkInitramfs();
        Assert.DoesNotContain(copy.ListInitramfs(), path => path.Contains("vmw_pvscsi", StringComparison.Ordinal));
        var sink = new RecordingSink();
        var reconfigurer = new Reconfigurer(copy.Disks.Settings);
        var options = WithHooks(Options(copy.Kernel));

        await reconfigurer.RunAsync(copy.Target, options, sink, CancellationToken.None);
        foreach (var entry in sink.Events)
        {
            output.WriteLine(entry is LogEvent log ? log.Message : entry.ToString());
        }

        Assert.Contains("GRUB", ReadBootSector(copy), StringComparison.Ordinal);
        var modules = copy.ListInitramfs();
        Assert.Contains(modules, path => path.Contains("vmw_pvscsi.ko", StringComparison.Ordinal));
        Assert.Contains(modules, path => path.Contains("/sd_mod.ko", StringComparison.Ordinal));
        var fstab = copy.Read("/etc/fstab");
        Assert.Contains($"UUID={Layouts.RootUuid}\t/\text4\terrors=remount-ro\t0\t1", fstab, StringComparison.Ordinal);
        Assert.Contains($"UUID={Layouts.BootUuid} /boot ext4", fstab, StringComparison.Ordinal);
        Assert.Contains("# linuxp2v: its volume is not part of the copy: UUID=99999999", fstab, StringComparison.Ordinal);
        Assert.Contains("\n/dev/sr0 /media/cdrom0", fstab, StringComparison.Ordinal);
        var menu = File.ReadAllText(Path.Combine(copy.Target.VolumePaths["/boot"], "grub/grub.cfg"));
        Assert.Contains($"resume=UUID={Layouts.SwapUuid}", menu, StringComparison.Ordinal);
        Assert.DoesNotContain("rd.md.uuid", menu, StringComparison.Ordinal);
        Assert.Contains("RESUME=none", copy.Read("/etc/initramfs-tools/conf.d/resume"), StringComparison.Ordinal);
        Assert.Contains("hwaddress ether 00:50:56:00:00:01", copy.Read("/etc/network/interfaces"), StringComparison.Ordinal);
        Assert.Contains("Name=eno1", copy.Read("/etc/systemd/network/10-linuxp2v-eno1.link"), StringComparison.Ordinal);
        Assert.Contains("address 10.0.2.16/25\n    gateway 10.0.2.2\n", copy.Read("/etc/network/interfaces"), StringComparison.Ordinal);
        Assert.Equal("true\n", copy.Read("/var/lib/linuxp2v/first-boot/00-later"));
        Assert.Equal(Files["/etc/fstab"], copy.Read("/var/lib/linuxp2v/originals/etc/fstab"));
        Assert.Contains("\"concern\": \"BootLoader\"", copy.Read("/var/lib/linuxp2v/report.json"), StringComparison.Ordinal);
        AssertOnlyTheConsoleIsTold(sink);
        Assert.True(copy.Target.Journal.IsReconfigured);
        Assert.Empty(Mounts.Below(copy.Disks.Settings.TargetRoot, await File.ReadAllTextAsync("/proc/self/mountinfo")));

        var built = File.GetLastWriteTimeUtc(copy.Initramfs);
        var again = new RecordingSink();
        await reconfigurer.RunAsync(copy.Target, options, again, CancellationToken.None);

        Assert.Equal("before\nafter\nbefore\nafter\n", copy.Read("/etc/hooks"));
        Assert.Equal(built, File.GetLastWriteTimeUtc(copy.Initramfs));
        Assert.Equal(fstab, copy.Read("/etc/fstab"));
        Assert.Equal(Files["/etc/fstab"], copy.Read("/var/lib/linuxp2v/originals/etc/fstab"));
        Assert.Equal(menu, File.ReadAllText(Path.Combine(copy.Target.VolumePaths["/boot"], "grub/grub.cfg")));
        Assert.Equal(Keys(sink, withoutImages: true), Keys(again, withoutImages: false));
        await copy.Disks.Storage().MarkFinishedAsync(copy.Target, again, CancellationToken.None);
        await copy.Disks.Storage().ReleaseAsync(copy.Target, again, CancellationToken.None);
    }

    [RootFact("mmdebstrap", "sfdisk", "mke2fs")]
    [Trait("Run", "Full")]
    public async Task An_image_by_dracut_gets_the_drivers_and_a_second_run_leaves_it()
    {
        using var copy = await DebianCopy.CreateAsync(Files);
        copy.ShrinkInitramfs();
        copy.LeaveDracut();
        var sink = new RecordingSink();
        var reconfigurer = new Reconfigurer(copy.Disks.Settings);

        await reconfigurer.RunAsync(copy.Target, Options(copy.Kernel), sink, CancellationToken.None);

        var content = copy.ListInitramfs("lsinitrd");
        Assert.Contains(content, path => path.Contains("vmw_pvscsi.ko", StringComparison.Ordinal));
        Assert.Contains(content, path => path.Contains("/sd_mod.ko", StringComparison.Ordinal));
        Assert.Contains(content, path => path.Contains("dracut-cmdline", StringComparison.Ordinal));
        Assert.Contains("vmw_pvscsi", copy.Read("/etc/dracut.conf.d/90-linuxp2v.conf"), StringComparison.Ordinal);
        Assert.DoesNotContain(sink.Changes, change => change.Concern == "LvmActivation");
        AssertOnlyTheConsoleIsTold(sink);

        var built = File.GetLastWriteTimeUtc(copy.Initramfs);
        await reconfigurer.RunAsync(copy.Target, Options(copy.Kernel), new RecordingSink(), CancellationToken.None);
        Assert.Equal(built, File.GetLastWriteTimeUtc(copy.Initramfs));
    }

    [RootFact("mmdebstrap", "sfdisk", "mke2fs")]
    [Trait("Run", "Full")]
    public async Task A_copy_without_the_running_kernel_starts_one_that_is_there()
    {
        using var copy = await DebianCopy.CreateAsync(Files);
        // Nothing could be loaded without the list of the kernel's modules, which depmod makes.
        var list = $"/usr/lib/modules/{copy.Kernel}/modules.dep";
        copy.Delete(list);
        var sink = new RecordingSink();
        await new Reconfigurer(copy.Disks.Settings).RunAsync(copy.Target, Options("5.10.0-1-amd64"), sink, CancellationToken.None);
        Assert.Contains(sink.Warnings, warning => warning.Contains(copy.Kernel, StringComparison.Ordinal));
        Assert.Contains("vmw_pvscsi.ko", copy.Read(list), StringComparison.Ordinal);
        Assert.Contains(
            $"vmlinuz-{copy.Kernel}",
            File.ReadAllText(Path.Combine(copy.Target.VolumePaths["/boot"], "grub/grub.cfg")),
            StringComparison.Ordinal
        );
        Assert.Empty(Mounts.Below(copy.Disks.Settings.TargetRoot, await File.ReadAllTextAsync("/proc/self/mountinfo")));
    }

    [RootFact("mmdebstrap", "sfdisk", "mke2fs")]
    public async Task A_copy_without_a_loader_is_refused_as_it_is_and_nothing_stays_mounted()
    {
        using var copy = await DebianCopy.CreateAsync(Files);
        copy.Delete("/usr/sbin/grub-install");
        var failure = await Assert.ThrowsAsync<AgentException>(() =>
            new Reconfigurer(copy.Disks.Settings).RunAsync(copy.Target, Options(copy.Kernel), new RecordingSink(), CancellationToken.None)
        );
        Assert.Equal(ErrorIds.BootLoaderNotSupported, failure.Error.Id);
        Assert.Equal(Files["/etc/fstab"], copy.Read("/etc/fstab"));
        Assert.Empty(Mounts.Below(copy.Disks.Settings.TargetRoot, await File.ReadAllTextAsync("/proc/self/mountinfo")));
    }

    /// <summary>The machine sends its messages to a serial line, which is said, and nothing else is.</summary>
    private static void AssertOnlyTheConsoleIsTold(RecordingSink sink) =>
        Assert.DoesNotContain(sink.Warnings, warning => !warning.StartsWith("console=ttyS0", StringComparison.Ordinal));

    private static List<string> Keys(RecordingSink sink, bool withoutImages) =>
        [
            .. sink
                .Changes.Where(change => !withoutImages || !change.Subject.StartsWith("/boot/initrd", StringComparison.Ordinal))
                .Select(change => $"{change.Concern} {change.Subject} {change.What}"),
        ];

    private static string ReadBootSector(DebianCopy copy)
    {
        using var stream = File.OpenRead(copy.Disks[0]);
        var sector = new byte[512];
        stream.ReadExactly(sector);
        return Encoding.Latin1.GetString(sector);
    }
}
