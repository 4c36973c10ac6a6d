using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Tests.Storage;

/// <summary>Units, LVM, RAID and resume devices of machines from bug reports.</summary>
public sealed class StorageCaseTests
{
    private const string Swap = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c03";
    private const string Units = "/etc/systemd/system";

    [Fact]
    public void Subvolumes_stay_as_they_are() =>
        Assert.Empty(GuestCase.Run("b01-btrfs-suse", "Fstab", "Units", "CommandLine").Plan.Changes);

    [Fact]
    public void Mounts_and_swaps_that_are_units()
    {
        var guest = GuestCase.Run("f07-mountunit", "Fstab", "Units");
        Assert.Contains(
            "\nWhat=/dev/disk/by-uuid/0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c04\nWhere=/data\n",
            guest.Text($"{Units}/data.mount"),
            StringComparison.Ordinal
        );
        Assert.True(guest.IsUntouched($"{Units}/local-fs.target.requires/data.mount"));

        var removed = guest.Plan.Changes.OfType<FileRemoval>().Select(change => change.Path).ToList();
        Assert.Equal([$"{Units}/local-fs.target.requires/srv.mount", $"{Units}/srv.mount", $"{Units}/dev-md2.swap"], removed);

        // The name of a swap unit is that of its device.
        var swap = $"{Units}/dev-disk-by\\x2duuid-{Swap.Replace("-", "\\x2d", StringComparison.Ordinal)}.swap";
        Assert.Equal($"[Swap]\nWhat=/dev/disk/by-uuid/{Swap}\n[Install]\nRequiredBy=swap.target\n", guest.Text(swap));
    }

    [Fact]
    public void Tags_of_hosts_and_a_filter_by_the_old_order()
    {
        var guest = GuestCase.Run("l01-volumelist", "LvmFilter");
        var text = guest.Text("/etc/lvm/lvm.conf");
        Assert.Contains(
            "    volume_list = [ \"@web01\", \"vg0\" ]\n    auto_activation_volume_list = [ \"@web01\", \"vg0\" ]\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "    filter = [ \"a|^/dev/sda|\", \"r|.*|\" ]\n    scan = [ \"/dev\" ]\n    types = [ \"emcpower\", 16 ]\n",
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_devices_file_of_another_name()
    {
        var guest = GuestCase.Run("l03-filter-order-accept-sdb", "LvmDevices", "LvmFilter");
        Assert.Equal(["/etc/lvm/devices/san.devices", "/etc/lvm/devices/system.devices"], guest.Changed);
    }

    [Fact]
    public void Arrays_in_any_case_and_file_and_exceptions_of_multipath()
    {
        var guest = GuestCase.Run("m01-mdadm-confd", "Mdadm", "Multipath");
        Assert.Equal(
            "DEVICE partitions\n# linuxp2v: array /dev/md1 metadata=1.2 UUID=1:2:3:4\n# linuxp2v:    "
                + "devices=/dev/sda1,/dev/sdb1\nMAILADDR root\n",
            guest.Text("/etc/mdadm/mdadm.conf")
        );
        Assert.Equal("# linuxp2v: ARRAY /dev/md1 UUID=1:2:3:4\n", guest.Text("/etc/mdadm.conf.d/a.conf"));
        Assert.Contains("devnode \".*\"", guest.Text("/etc/multipath.conf"), StringComparison.Ordinal);
        Assert.Contains(guest.Plan.Changes, change => change is FileRemoval { Path: "/etc/multipath/conf.d/a.conf" });
    }

    [Fact]
    public void Resume_devices_as_a_shell_reads_them()
    {
        var guest = GuestCase.Run("m02-resume-quoted", "Resume");
        Assert.Equal($"# x\nexport RESUME=none\nRESUME=UUID={Swap}\n", guest.Text("/etc/initramfs-tools/conf.d/resume"));
        Assert.Equal($"MODULES=dep\n RESUME=UUID={Swap}\n", guest.Text("/etc/initramfs-tools/initramfs.conf"));
        const string Off = "# linuxp2v: its swap area is not part of the copy: resume device = /dev/sda9\n";
        Assert.Equal((Off, Off), (guest.Text("/etc/uswsusp.conf"), guest.Text("/etc/suspend.conf")));
    }

    [Theory]
    [InlineData("devices { filter = [ # first\n \"a|^/dev/mapper|\", # SAN ]\n \"r|.*|\" ] }", "devices { filter = [ \"a|.*|\" ] }")]
    [InlineData("devices/global_filter = \"r|.*|\"", "devices/global_filter = [ \"a|.*|\" ]")]
    [InlineData("devices { filter = [ \"a{^/dev/sda}\", \"r(.*)\" ] }", null)]
    [InlineData("devices { filter = [ \"a|/dev/x\\\"y|\", \"r|.*|\" ] }", "devices { filter = [ \"a|.*|\" ] }")]
    [InlineData("devices { filter = [ \"a|\\\\/dev/sda|\", \"r|.*|\" ] }", null)]
    [InlineData("other { filter = [ \"r|.*|\" ] }", null)]
    [InlineData("# devices { filter = [ \"r|.*|\" ] }", null)]
    [InlineData("activation { volume_list = [ \"vg0\" ] }", null)]
    [InlineData("activation { volume_list = [ \"vg0/root\" ] }", null)]
    [InlineData("activation { volume_list = [ \"vg1\" ] }", "activation { volume_list = [ \"vg1\", \"vg0\" ] }")]
    [InlineData("activation { volume_list = [] }", "activation { volume_list = [ \"vg0\" ] }")]
    [InlineData("devices { scan = [ \"/dev\", \"/dev/mapper\" ] }", null)]
    public void Lvm_settings(string text, string? expected)
    {
        var group = new TargetVolumeGroup
        {
            Name = "vg0",
            ExtentSizeBytes = 4 << 20,
            PhysicalVolumes = [DeviceReference.OnDisk(0, 3)],
            LogicalVolumes = [new("root", 1 << 30)],
        };
        Assert.Equal(expected ?? text, LvmFilterStep.Transform(text, ["/dev/sda3"], [group]).Text);
    }
}
