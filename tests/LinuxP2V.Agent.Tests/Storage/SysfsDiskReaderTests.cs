using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Storage;

/// <summary>Trees of symbolic links as real kernels make them, with the disks named against the order of their slots.</summary>
public sealed class SysfsDiskReaderTests : IDisposable
{
    private readonly string sysfs = Directory.CreateTempSubdirectory("linuxp2v-sysfs-").FullName;

    public void Dispose() => Directory.Delete(sysfs, recursive: true);

    [Fact]
    public void Finds_each_kind_of_controller()
    {
        Controller("vmw_pvscsi", "devices/pci0000:00/0000:00:15.0/0000:03:00.0");
        Controller("vmw_pvscsi", "devices/pci0000:00/0000:00:16.0/0000:0b:00.0");
        Disk("sdc", "devices/pci0000:00/0000:00:15.0/0000:03:00.0/host3/target3:0:0/3:0:0:0", 100);
        Disk("sda", "devices/pci0000:00/0000:00:15.0/0000:03:00.0/host3/target3:0:4/3:0:4:0", 200);
        Disk("sdb", "devices/pci0000:00/0000:00:16.0/0000:0b:00.0/host2/target2:0:1/2:0:1:0", 300);

        // ata1 belongs to an IDE controller: the port is its place among the AHCI's own.
        Controller("ahci", "devices/pci0000:00/0000:02:01.0");
        foreach (var port in new[] { "ata3", "ata4", "ata10" })
        {
            Directory.CreateDirectory(Path.Combine(sysfs, "devices/pci0000:00/0000:02:01.0", port));
        }

        Disk("sdd", "devices/pci0000:00/0000:02:01.0/ata10/host9/target9:0:0/9:0:0:0", 400);

        Controller("nvme", "devices/pci0000:00/0000:13:00.0");
        Disk("nvme0n2", "devices/pci0000:00/0000:13:00.0/nvme/nvme0", 500, isScsi: false, nsid: 2);

        Controller("mptsas", "devices/pci0000:00/0000:04:00.0");
        Directory.CreateDirectory(Path.Combine(sysfs, "devices/pci0000:00/0000:04:00.0/host5/port-5:0/phy-5:6"));
        Disk("sde", "devices/pci0000:00/0000:04:00.0/host5/port-5:0/end_device-5:0/target5:0:0/5:0:0:0", 600);

        VirtioController("virtio3", "devices/pci0000:00/0000:00:07.0");
        Disk("sdf", "devices/pci0000:00/0000:00:07.0/virtio3/host6/target6:0:2/6:0:2:0", 700);
        Disk("loop0", "devices/virtual", 1, isScsi: false);

        var found = new SysfsDiskReader(sysfs).Read().ToDictionary(disk => disk.Name, disk => disk.Address);
        Assert.Equal(
            new Dictionary<string, DiskAddress?>
            {
                ["sdc"] = new(DiskController.Pvscsi, 0, 0),
                ["sda"] = new(DiskController.Pvscsi, 0, 4),
                ["sdb"] = new(DiskController.Pvscsi, 1, 1),
                ["sdd"] = new(DiskController.Ahci, 0, 2),
                ["nvme0n2"] = new(DiskController.Nvme, 0, 1),
                ["sde"] = new(DiskController.LsiLogicSas, 0, 6),
                ["sdf"] = new(DiskController.VirtioScsi, 0, 2),
            },
            found
        );
    }

    [Fact]
    public void Finds_an_nvme_disk_that_hangs_on_its_subsystem()
    {
        Controller("nvme", "devices/pci0000:00/0000:0b:00.0");
        Directory.CreateDirectory(Path.Combine(sysfs, "devices/pci0000:00/0000:0b:00.0/nvme/nvme0"));
        Disk("nvme0n1", "devices/virtual/nvme-subsystem/nvme-subsys0", 10, isScsi: false, nsid: 1);
        Link("devices/virtual/nvme-subsystem/nvme-subsys0/nvme0", "devices/pci0000:00/0000:0b:00.0/nvme/nvme0");
        Assert.Equal(new DiskAddress(DiskController.Nvme, 0, 0), Assert.Single(new SysfsDiskReader(sysfs).Read()).Address);
    }

    [Fact]
    public async Task A_missing_disk_is_told_with_those_that_are_there()
    {
        Controller("vmw_pvscsi", "devices/pci0000:00/0000:03:00.0");
        Disk("sda", "devices/pci0000:00/0000:03:00.0/host3/target3:0:1/3:0:1:0", 2048);
        var resolver = new SysfsDiskResolver(new SysfsDiskReader(sysfs), TimeSpan.Zero);
        var failure = await Assert.ThrowsAsync<AgentException>(() => resolver.ResolveAsync(Layouts.DebianBios(), CancellationToken.None));
        Assert.Equal(ErrorIds.DiskNotFound, failure.Error.Id);
        Assert.Contains("sda (1048576 bytes, Pvscsi 0:1)", failure.Error.Detail!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_too_small_is_refused()
    {
        Controller("vmw_pvscsi", "devices/pci0000:00/0000:03:00.0");
        Disk("sda", "devices/pci0000:00/0000:03:00.0/host3/target3:0:0/3:0:0:0", 2048);
        var resolver = new SysfsDiskResolver(new SysfsDiskReader(sysfs), TimeSpan.Zero);
        var failure = await Assert.ThrowsAsync<AgentException>(() => resolver.ResolveAsync(Layouts.DebianBios(), CancellationToken.None));
        Assert.Contains("has 1048576 bytes", failure.Error.Cause, StringComparison.Ordinal);
    }

    private void Controller(string driver, string device)
    {
        Directory.CreateDirectory(Path.Combine(sysfs, device));
        Link($"bus/pci/drivers/{driver}/{Path.GetFileName(device)}", device);
    }

    private void VirtioController(string name, string pci)
    {
        Directory.CreateDirectory(Path.Combine(sysfs, pci, name));
        Link($"bus/virtio/drivers/virtio_scsi/{name}", $"{pci}/{name}");
    }

    private void Disk(string name, string parent, long sectors, bool isScsi = true, int nsid = 0)
    {
        var folder = $"{parent}/{(isScsi ? "block/" : "")}{name}";
        Directory.CreateDirectory(Path.Combine(sysfs, folder));
        File.WriteAllText(Path.Combine(sysfs, folder, "size"), $"{sectors}\n");
        if (nsid > 0)
        {
            File.WriteAllText(Path.Combine(sysfs, folder, "nsid"), $"{nsid}\n");
        }

        Link($"block/{name}", folder);
    }

    private void Link(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(sysfs, from))!);
        Directory.CreateSymbolicLink(Path.Combine(sysfs, from), Path.Combine(sysfs, to));
    }
}
