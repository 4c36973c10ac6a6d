using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Checks;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Guest.Tests.Checks;

/// <summary>What a copy would start, read from its files.</summary>
public sealed class BootCheckTests
{
    private const string Menu = "/boot/grub/grub.cfg";

    /// <summary>As grub-mkconfig writes it on Debian.</summary>
    private const string DebianMenu = $$"""
        if [ -s $prefix/grubenv ]; then
          set have_grubenv=true
          load_env
        fi
        if [ "${next_entry}" ] ; then
           set default="${next_entry}"
           set next_entry=
           save_env next_entry
        else
           set default="${saved_entry}"
        fi
        function load_video {
          insmod all_video
        }
        menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'simple' {
        	insmod part_gpt
        	set root='hd0,gpt2'
        	if [ x$feature_platform_search_hint = xy ]; then
        	  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt2  {{BootUuid}}
        	else
        	  search --no-floppy --fs-uuid --set=root {{BootUuid}}
        	fi
        	echo	'Loading Linux ...'
        	linux	/vmlinuz-2 root=UUID={{RootUuid}} ro  quiet
        	initrd	/initrd.img-2
        }
        submenu 'Advanced options' $menuentry_id_option 'advanced' {
        	menuentry 'Old one' --class gnu $menuentry_id_option 'old' {
        		search --no-floppy --fs-uuid --set=root {{BootUuid}}
        		linux	/vmlinuz-1 root=UUID={{RootUuid}} ro
        		initrd	/initrd.img-1
        	}
        }
        menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
        	fwsetup
        }
        """;

    [Fact]
    public void A_menu_of_which_all_is_there() => Assert.Empty(Run([(Menu, DebianMenu), .. Kernels("1", "2")]));

    [Theory]
    [InlineData("", "\"Debian GNU/Linux\" starts /vmlinuz-2")]
    [InlineData("saved_entry=simple\n", "\"Debian GNU/Linux\" starts /vmlinuz-2")]
    [InlineData("saved_entry=advanced>old\n", null)]
    [InlineData("saved_entry=1>0\n", null)]
    [InlineData("saved_entry=Advanced options>Old one\n", null)]
    [InlineData("saved_entry=old\n", "\"Debian GNU/Linux\" starts /vmlinuz-2")]
    [InlineData("saved_entry=advanced>old\nnext_entry=0\n", "\"Debian GNU/Linux\" starts /vmlinuz-2")]
    public void The_default_entry_counts(string environment, string? error)
    {
        var findings = Run([(Menu, DebianMenu), ("/boot/grub/grubenv", environment), .. Kernels("1")]);
        var errors = findings.Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        Assert.Equal(error is null ? [] : [$"The default boot entry {error}, which is not there."], errors.Select(finding => finding.What));
        // The other entries' faults are said too.
        if (error is null)
            Assert.Equal(
                ["Boot entry \"Debian GNU/Linux\" starts /vmlinuz-2, which is not there."],
                findings.Select(finding => finding.What)
            );
    }

    [Theory]
    [InlineData("linux /vmlinuz-1 root=/dev/md9 ro\n initrd /initrd.img-1", "looks for root=/dev/md9")]
    [InlineData($"linux /vmlinuz-1 root=UUID={BootUuid} ro\n initrd /initrd.img-1", "takes /boot for its root")]
    [InlineData($"linux /vmlinuz-1 root=UUID={RootUuid} ro", "has no initramfs")]
    [InlineData("linux /vmlinuz-1 root=/dev/sda3 ro", null)]
    [InlineData(
        $"search --fs-uuid --set=root 99999999-0000-4000-8000-000000000009\n linux /vmlinuz-1 root=UUID={RootUuid}\n initrd /initrd.img-1",
        "looks for its files on uuid:99999999"
    )]
    [InlineData(
        $"search --fs-uuid --set=boot {BootUuid}\n linux ($boot)/vmlinuz-1 root=UUID={RootUuid}\n initrd ($boot)/initrd.img-1",
        null
    )]
    [InlineData($"linux (hd0,gpt2)/vmlinuz-1 root=UUID={RootUuid}\n initrd (hd0,gpt2)/initrd.img-1", null)]
    [InlineData($"linux (hd0,gpt3)/boot/vmlinuz-1 root=UUID={RootUuid}\n initrd (hd0,gpt3)/boot/initrd.img-1", null)]
    [InlineData(
        $"linux (hd1,gpt2)/vmlinuz-1 root=UUID={RootUuid}\n initrd (hd1,gpt2)/initrd.img-1",
        "starts (hd1,gpt2)/vmlinuz-1, which is not there"
    )]
    public void Root_and_places(string commands, string? problem)
    {
        var menu = $"menuentry 'a' {{\n {commands}\n}}\n";
        var errors = Run([(Menu, menu), .. Kernels("1")]).Where(finding => finding.Severity == FindingSeverity.Error).ToList();
        Assert.True(
            problem is null ? errors.Count == 0 : errors is [var only] && only.What.Contains(problem, StringComparison.Ordinal),
            string.Join("\n", errors)
        );
    }

    [Theory]
    [InlineData("menuentry 'a' { chainloader +1\n}", "chainloader +1")]
    [InlineData("menuentry 'a' {\n linux $kernel root=/dev/sda3\n}", "$kernel")]
    [InlineData("menuentry 'a' { fwsetup\n}", "no Linux kernel")]
    public void What_is_not_understood_is_said(string menu, string what)
    {
        var finding = Assert.Single(Run([(Menu, menu), .. Kernels("1")]));
        Assert.Equal(FindingSeverity.Warning, finding.Severity);
        Assert.Contains(what, finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_subvolume_stands_for_the_file_system_of_the_root()
    {
        var plain = DebianBios(root: FileSystemKind.Btrfs);
        var root = plain.Volumes[0] with { Subvolume = new TargetSubvolume("@"), MountOptions = "subvol=@" };
        var home = root with
        {
            Id = "/home",
            MountPoint = "/home",
            Subvolume = new TargetSubvolume("@home"),
            MountOptions = "subvol=@home",
        };
        var menu = $"menuentry 'a' {{\n linux /vmlinuz-1 root=UUID={RootUuid} rootflags=subvol=@\n initrd /initrd.img-1\n}}\n";
        Assert.Empty(Run([(Menu, menu), .. Kernels("1")], plain with { Volumes = [home, root, .. plain.Volumes.Skip(1)] }));
    }

    [Fact]
    public void No_menu_and_an_empty_menu()
    {
        Assert.Contains("There is no menu", Assert.Single(Run([])).What, StringComparison.Ordinal);
        Assert.Contains("no entry to start", Assert.Single(Run([(Menu, "set default=0\n")])).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_of_their_own_files_and_options_of_the_environment()
    {
        (string, string)[] files =
        [
            ("/usr/sbin/grub2-install", "x"),
            ("/boot/grub2/grub.cfg", "set default=\"${saved_entry}\"\ninsmod blscfg\nblscfg\n"),
            ("/boot/grub2/grubenv", $"saved_entry=id-5.14.0-9\nkernelopts=root=UUID={RootUuid} ro\n"),
            (
                "/boot/loader/entries/id-5.14.0-9.conf",
                "title Nine\nlinux /vmlinuz-9\ninitrd /initrd.img-9 $tuned_initrd\noptions $kernelopts\n"
            ),
            ("/boot/loader/entries/id-5.14.0-10.conf", "title Ten\nlinux /vmlinuz-10\ninitrd /initrd.img-10\noptions $kernelopts\n"),
        ];
        Assert.Equal(
            ["Boot entry \"Ten\" starts /vmlinuz-10, which is not there."],
            Run([.. files, .. Kernels("9")]).Select(finding => finding.What)
        );
        // Without a saved entry the newest is the first.
        var errors = Run([files[0], (files[1].Item1, "blscfg\n"), files[2], files[3], files[4], .. Kernels("9")]);
        Assert.Equal("The default boot entry \"Ten\" starts /vmlinuz-10, which is not there.", Assert.Single(errors).What);
    }

    [Fact]
    public void Systemd_boot_starts_what_its_settings_name()
    {
        (string, string)[] files =
        [
            ("/boot/efi/EFI/systemd/systemd-bootx64.efi", "MZ"),
            ("/boot/efi/EFI/BOOT/BOOTX64.EFI", "MZ"),
            ("/boot/efi/loader/loader.conf", "timeout 3\ndefault b-*\n"),
            (
                "/boot/efi/loader/entries/a-2.conf",
                $"title A\nversion 2\nlinux /a/2/linux\ninitrd /a/2/initrd\noptions root=UUID={RootUuid}\n"
            ),
            (
                "/boot/efi/loader/entries/b-1.conf",
                $"title B\nversion 1\nlinux /b/1/linux\ninitrd /b/1/initrd\noptions root=UUID={RootUuid}\n"
            ),
            ("/boot/efi/a/2/linux", "x"),
            ("/boot/efi/a/2/initrd", "x"),
        ];
        Assert.Equal(
            ["Boot entry", "The default boot entry"],
            Run(files, Uefi()).Select(finding => finding.What.Split(" \"")[0]).Append("Boot entry").Order(StringComparer.Ordinal).Distinct()
        );
        Assert.Equal("The default boot entry \"B\" starts /b/1/linux, which is not there.", Assert.Single(Run(files, Uefi())).What);
        files[2].Item2 = "default a-*.conf\n";
        Assert.Equal(FindingSeverity.Warning, Assert.Single(Run(files, Uefi())).Severity);
        files[2].Item2 = "default @saved\n";
        Assert.Contains(Run(files, Uefi()), finding => finding.What.Contains("@saved", StringComparison.Ordinal));
    }

    /// <summary>SUSE's grub2-bls.</summary>
    [Fact]
    public void GRUB_without_a_menu_starts_the_entries_of_the_EFI_partition()
    {
        (string, string)[] files =
        [
            ("/usr/sbin/grub2-mkconfig", "x"),
            ("/boot/efi/EFI/opensuse/grub.efi", "MZ"),
            ("/boot/efi/EFI/BOOT/BOOTX64.EFI", "MZ"),
            ("/boot/efi/loader/entries/a-1.conf", $"title A\nlinux /a/1/linux\ninitrd /a/1/initrd\noptions root=UUID={RootUuid}\n"),
            ("/boot/efi/a/1/linux", "x"),
        ];
        Assert.Contains("loads /a/1/initrd, which is not there", Assert.Single(Run(files, Uefi())).What, StringComparison.Ordinal);
        var plan = GuestPlanner.Plan(
            GuestFiles.Store(files),
            new GuestTarget(Uefi(), new ReconfigureOptions { RunningKernel = "6.1" }),
            ["BootLoader"]
        );
        Assert.Empty(plan.Changes.OfType<GrubMenuBuild>());
    }

    [Fact]
    public void The_menu_that_the_stub_leads_to_counts()
    {
        (string, string)[] files =
        [
            ("/boot/efi/EFI/fedora/shimx64.efi", "MZ"),
            ("/boot/efi/EFI/fedora/grubx64.efi", "MZ"),
            ("/boot/efi/EFI/BOOT/BOOTX64.EFI", "MZ"),
            (
                "/boot/efi/EFI/fedora/grub.cfg",
                $"search --no-floppy --root-dev-only --fs-uuid --set=dev {BootUuid}\nset prefix=($dev)/grub2\nexport "
                    + $"$prefix\nconfigfile $prefix/grub.cfg\n"
            ),
            ("/boot/grub/grub.cfg", "menuentry 'old' {\n linux /vmlinuz-gone root=/dev/md9\n}\n"),
            ("/boot/grub2/grub.cfg", DebianMenu),
        ];
        Assert.Empty(Run([.. files, .. Kernels("1", "2")], Uefi()));
    }

    [Theory]
    [InlineData("/@/boot/vmlinuz-1", "/@/boot/initrd.img-1")]
    [InlineData("/boot/vmlinuz-1", "/boot/initrd.img-1")]
    [InlineData("/@/.snapshots/1/snapshot/boot/vmlinuz-1", "/@/boot/initrd.img-1")]
    public void Paths_that_begin_with_a_subvolume(string kernel, string initrd)
    {
        var plain = DebianBios(root: FileSystemKind.Btrfs);
        var layout = plain with { Volumes = [plain.Volumes[0] with { MountOptions = "rw,subvol=/@" }, plain.Volumes[2]] };
        (string, string)[] files =
        [
            ("/etc/fstab", $"UUID={RootUuid} / btrfs subvol=/@/.snapshots/1/snapshot 0 0\n"),
            (
                Menu,
                $"search --fs-uuid --set=root {RootUuid}\nmenuentry 'a' "
                    + $"{{\n linux {kernel} root=UUID={RootUuid} rootflags=subvol=@\n initrd {initrd}\n}}\n"
            ),
            .. Kernels("1"),
        ];
        Assert.Empty(Run(files, layout));
    }

    [Theory]
    [InlineData("{\n")]
    [InlineData("menuentry 'a' {\n")]
    [InlineData("}\n")]
    [InlineData("\v\u00a0;")]
    [InlineData("if [ x ]; then\nset a=$a$a-\n")]
    public void A_text_that_means_harm_ends(string piece) =>
        Assert.NotEmpty(Run([(Menu, string.Concat(Enumerable.Repeat(piece, 100_000)))]));

    [Fact]
    public void A_fallback_loader_that_tells_nothing() =>
        Assert.Contains(
            "cannot be understood",
            Assert.Single(Run([("/boot/efi/EFI/BOOT/BOOTX64.EFI", "MZ")], Uefi())).What,
            StringComparison.Ordinal
        );

    [Fact]
    public void Fstab_units_and_crypttab_ask_for_what_the_VM_has()
    {
        (string, string)[] files =
        [
            (Menu, DebianMenu),
            (
                "/etc/fstab",
                $"UUID={RootUuid} / ext4 defaults 0 1\n/dev/sdz1 /a ext4 defaults 0 0\n/dev/sdz2 /b ext4 nofail 0 "
                    + $"0\n/dev/sdz3 none swap sw 0 0\n"
            ),
            ("/etc/crypttab", "one /dev/sdz4 none luks\ntwo /dev/sdz5 none luks,nofail\n"),
            ("/etc/systemd/system/c.mount", "[Mount]\nWhat=/dev/sdz6\nWhere=/c\n"),
            ("/etc/systemd/system/local-fs.target.requires/c.mount", ""),
            ("/etc/systemd/system/d.mount", "[Mount]\nWhat=/dev/sdz7\nWhere=/d\n"),
            .. Kernels("1", "2"),
        ];
        var findings = Run(files);
        Assert.Equal(
            [
                (FindingSeverity.Error, "/dev/sdz1"),
                (FindingSeverity.Warning, "/dev/sdz3"),
                (FindingSeverity.Error, "/dev/sdz6"),
                (FindingSeverity.Warning, "/dev/sdz4"),
            ],
            findings.Select(finding => (finding.Severity, finding.What[finding.What.IndexOf("/dev/", StringComparison.Ordinal)..][..9]))
        );
    }

    private static (string, string)[] Kernels(params string[] versions) =>
        [.. versions.SelectMany(version => ((string, string)[])[($"/boot/vmlinuz-{version}", "x"), ($"/boot/initrd.img-{version}", "x")])];

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

    private static IReadOnlyList<Finding> Run((string, string)[] files, TargetLayout? layout = null) =>
        BootCheck.Run(GuestFiles.Store(files), new GuestTarget(layout ?? DebianBios(), new ReconfigureOptions { RunningKernel = "6.1" }));
}
