using LinuxP2V.Agent.Storage;

namespace LinuxP2V.Agent.Tests.Storage;

public sealed class DiskPathTests
{
    [Theory]
    [InlineData(
        "/sys/devices/pci0000:00/0000:00:05.0/host2/target2:0:1/2:0:1:0/block/sdb",
        "/dev/disk/by-path/pci-0000:00:05.0-scsi-0:0:1:0"
    )]
    [InlineData(
        "/sys/devices/pci0000:00/0000:00:15.0/0000:03:00.0/host0/target0:0:0/0:0:0:0/block/sda",
        "/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0"
    )]
    [InlineData("/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n2", "/dev/disk/by-path/pci-0000:00:04.0-nvme-2")]
    [InlineData("/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda", null)]
    public void Names_a_disk_as_udev_will(string sysfs, string? expected) => Assert.Equal(expected, DiskPath.FromSysfs(sysfs));
}
