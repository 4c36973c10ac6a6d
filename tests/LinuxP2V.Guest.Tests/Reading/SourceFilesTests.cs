using System.Diagnostics;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Reading;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Reading;

/// <summary>What is read of a source must be all that a plan looks at.</summary>
public sealed class SourceFilesTests
{
    public static TheoryData<string> Cases => [.. GuestCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_plan_before_the_copy_is_the_plan_of_the_copy(string name)
    {
        var folder = GuestCase.TreeOf(name);
        var target = GuestCase.Run(name).Target;
        var ofCopy = GuestPlanner.Plan(new FolderStore(folder), target);
        var ofSource = GuestPlanner.Plan(SourceFiles.Parse(Read(folder)), target);
        Assert.Equal(ofCopy.Findings, ofSource.Findings);
        // Programs of the EFI partition are read on the copy alone; before it a note says so.
        Assert.Empty(ofCopy.Notes.Except(ofSource.Notes));
        Assert.Equal(ofCopy.Changes.Select(change => change.ToString()), ofSource.Changes.Select(change => change.ToString()));
    }

    [Fact]
    public void Any_name_and_any_byte_come_through()
    {
        var folder = Directory.CreateTempSubdirectory("linuxp2v-read-").FullName;
        try
        {
            Directory.CreateDirectory($"{folder}/etc/netplan");
            var text = string.Concat(Enumerable.Range(0, 256).Select(code => (char)code));
            // A name with a line break is left out: to tar it would be two.
            File.WriteAllText($"{folder}/etc/netplan/x\n.", "");
            File.WriteAllBytes($"{folder}/etc/netplan/T b\t.yaml", [.. text.Select(c => (byte)c)]);
            File.WriteAllText($"{folder}/etc/fstab", "");
            File.CreateSymbolicLink($"{folder}/etc/crypttab", "../x\ny");
            Run("mkfifo", $"{folder}/etc/cmdline");
            var tree = new GuestTree(SourceFiles.Parse(Read(folder)));
            Assert.Equal(text, tree.ReadText("/etc/netplan/T b\t.yaml"));
            Assert.Equal("", tree.ReadText("/etc/fstab"));
            Assert.Equal("../x\ny", tree.Entry("/etc/crypttab")?.LinkTarget);
            Assert.Null(tree.Entry("/etc/cmdline"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Words_inside_a_unified_kernel_image_are_read()
    {
        var folder = Directory.CreateTempSubdirectory("linuxp2v-read-").FullName;
        try
        {
            var images = Directory.CreateDirectory($"{folder}/boot/efi/EFI/Linux").FullName;
            File.WriteAllBytes(
                $"{images}/a.efi",
                KernelImages.Unified(
                    (".text", new byte[100]),
                    (".uname", "6.1.0-1"u8.ToArray()),
                    (".cmdline", "root=/dev/md0 quiet\n\0"u8.ToArray()),
                    (".linux", new byte[5000])
                )
            );
            File.WriteAllText($"{images}/b.efi", "no program");
            File.WriteAllText($"{images}/c.efi", "");
            var tree = new GuestTree(SourceFiles.Parse(Read(folder)));
            Assert.Equal(
                ["/boot/efi/EFI/Linux/a.efi", "/boot/efi/EFI/Linux/b.efi", "/boot/efi/EFI/Linux/c.efi"],
                tree.Files("/boot/efi/EFI/Linux")
            );
            Assert.Equal("root=/dev/md0 quiet", tree.ReadText("/boot/efi/EFI/Linux/a.efi/.cmdline").Trim());
            Assert.Equal("6.1.0-1", tree.ReadText("/boot/efi/EFI/Linux/a.efi/.uname"));
            Assert.Null(tree.TryReadText("/boot/efi/EFI/Linux/b.efi/.cmdline"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_an_administrator_adds_does_not_end_the_plan()
    {
        var folder = Directory.CreateTempSubdirectory("linuxp2v-read-").FullName;
        try
        {
            (string Path, string Text)[] files =
            [
                ("/etc/systemd/system/backup.timer", "[Unit]\nRequires=srv.mount\n[Timer]\nOnCalendar=daily\n"),
                ("/etc/systemd/system/backup.txt", "Requires=srv.mount\n"),
                ("/etc/init/ttyS0.conf", "respawn\nexec /sbin/agetty ttyS0 115200\n"),
                ("/etc/iscsi/nodes/iqn.x/192.0.2.1,3260,1/default", "node.startup = automatic\nnode.session.auth.password = secret\n"),
                ("/var/lib/iscsi/nodes/iqn.y/192.0.2.1,3260,1/default", "node.startup = automatic\n"),
                ("/usr/bin/program", "x"),
                ("/etc/NetworkManager/dispatcher.d/large", new string('#', 600_000)),
            ];
            foreach (var (path, text) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(folder + path)!);
                File.WriteAllText(folder + path, text);
            }

            File.CreateSymbolicLink($"{folder}/etc/NetworkManager/dispatcher.d/link", "/usr/bin/program");
            var output = Read(folder);
            var plan = GuestPlanner.Plan(
                SourceFiles.Parse(output),
                new GuestTarget(
                    Samples.Server(),
                    new ReconfigureOptions
                    {
                        RunningKernel = "6.1",
                        Dropped = [new DroppedDevice("/dev/sdb1", null, "/srv")],
                        Adapters = [new AdapterMapping("eth0", "3c:fd:fe:00:00:01", "00:50:56:00:00:01")],
                    }
                ),
                ["Units", "OtherStorage", "Network", "Hardware"]
            );
            Assert.Equal(
                [
                    ("UnitNeedsMissingVolume", "/etc/systemd/system/backup.timer"),
                    ("IscsiTarget", "/etc/iscsi/nodes"),
                    ("IscsiTarget", "/var/lib/iscsi/nodes"),
                    ("SerialConsole", "ttyS0"),
                    ("FileNotRead", "/etc/NetworkManager/dispatcher.d/large"),
                    ("FileNotRead", "/etc/NetworkManager/dispatcher.d/link"),
                ],
                plan.Findings.Select(finding => (finding.Id, finding.Subject))
            );
            var store = SourceFiles.Parse(output);
            Assert.DoesNotContain("secret", store.ReadText("/etc/iscsi/nodes/iqn.x/192.0.2.1,3260,1/default"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_a_kernel_has_built_in_is_read_of_its_configuration()
    {
        var folder = Directory.CreateTempSubdirectory("linuxp2v-read-").FullName;
        try
        {
            Directory.CreateDirectory($"{folder}/boot");
            File.WriteAllText($"{folder}/boot/vmlinuz-5.10.1", "x");
            string[] options =
            [
                "VMWARE_PVSCSI",
                "FUSION_SPI",
                "FUSION_SAS",
                "SATA_AHCI",
                "BLK_DEV_NVME",
                "BLK_DEV_SD",
                "BLK_DEV_DM",
                "VIRTIO_PCI",
                "SCSI_VIRTIO",
                "EXT4_FS",
                "EXT3_FS",
                "XFS_FS",
                "BTRFS_FS",
                "VFAT_FS",
                "VMXNET3",
            ];
            File.WriteAllLines($"{folder}/boot/config-5.10.1", ["# CONFIG_X is not set", .. options.Select(name => $"CONFIG_{name}=y")]);
            var ofCopy = Assert.Single(KernelFinder.Find(new GuestTree(new FolderStore(folder))));
            var ofSource = Assert.Single(KernelFinder.Find(new GuestTree(SourceFiles.Parse(Read(folder)))));
            Assert.Equal(options.Length, ofCopy.BuiltIn.Count);
            Assert.Equal(ofCopy.BuiltIn.Order(StringComparer.Ordinal), ofSource.BuiltIn.Order(StringComparer.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_has_odd_files()
    {
        var folder = Directory.CreateTempSubdirectory("linuxp2v-read-").FullName;
        try
        {
            Directory.CreateDirectory($"{folder}/etc/fstab");
            File.CreateSymbolicLink($"{folder}/etc/crypttab", "crypttab");
            using (var large = File.Create($"{folder}/etc/multipath.conf"))
                large.SetLength(GuestTree.MostTextBytes + 1);

            var store = new FolderStore(folder);
            Assert.Null(store.Find("/etc/a\0b"));
            Assert.Empty(store.List("/etc/a\0b"));
            Assert.Null(new GuestTree(store).TryReadText("/etc/fstab"));
            Assert.Null(new GuestTree(store).TryReadText("/etc/crypttab"));
            var plan = GuestPlanner.Plan(
                store,
                new GuestTarget(Samples.Server(), new ReconfigureOptions { RunningKernel = "6.1" }),
                ["Fstab", "Crypttab", "Multipath"]
            );
            // What nobody has read is not written either.
            Assert.Empty(plan.Changes);
            Assert.Equal("FileNotRead", Assert.Single(plan.Findings).Id);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    [InlineData("sh: not found")]
    [InlineData("hex 5")]
    [InlineData("hex 44")]
    // A folder, and nothing behind it.
    [InlineData("hex 442f00")]
    // A text of nine bytes of which one came.
    [InlineData("hex 542f61003900415a")]
    // A path that does not begin at the root.
    [InlineData("hex 446100 5a")]
    [InlineData("hex 4461005a")]
    public void What_is_not_whole_is_refused(string output) => Assert.ThrowsAny<FormatException>(() => SourceFiles.Parse(output));

    private static string Read(string root) => Run("sh", input: SourceFiles.Script(root));

    private static string Run(string program, string? argument = null, string input = "")
    {
        var start = new ProcessStartInfo(program, argument is null ? [] : [argument])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
