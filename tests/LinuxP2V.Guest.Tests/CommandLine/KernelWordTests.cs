using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Guest.Tests.CommandLine;

/// <summary>Single words of the kernel's command line.</summary>
public sealed class KernelWordTests
{
    private static readonly DeviceMap Devices = new(
        Samples.Server(),
        new ReconfigureOptions
        {
            RunningKernel = "6.1",
            Adapters =
            [
                new AdapterMapping("eno1", "3c:fd:fe:00:00:01", "00:50:56:00:00:01"),
                new AdapterMapping("eno2", "3c:fd:fe:00:00:02", null),
            ],
            Dropped = [new DroppedDevice("/dev/sdb1", null, null)],
            Replaced = [new ReplacedDevice("/dev/md0", "/")],
        }
    );

    [Theory]
    [InlineData("root=nfs:192.0.2.1:/root", $"root=UUID={RootUuid}")]
    [InlineData("root=iscsi:192.0.2.1::::iqn", $"root=UUID={RootUuid}")]
    [InlineData("root=/dev/nfs", $"root=UUID={RootUuid}")]
    [InlineData("root=block:/dev/md0", $"root=UUID={RootUuid}")]
    [InlineData("root=0803", $"root=UUID={RootUuid}")]
    [InlineData("root=sda3", $"root=UUID={RootUuid}")]
    [InlineData("root=LABEL=gone", $"root=UUID={RootUuid}")]
    [InlineData("root=PARTUUID=deadbeef-09", $"root=UUID={RootUuid}")]
    [InlineData("real_root=/dev/md0", $"real_root=UUID={RootUuid}")]
    [InlineData("root=gpt-auto", "root=gpt-auto")]
    [InlineData("root=$ROOT", "root=$ROOT")]
    [InlineData("mount.usr=/dev/sdb1 mount.usrflags=ro mount.usrfstype=xfs", "")]
    [InlineData("mount.usr=/dev/vg-0/home mount.usrflags=ro", "mount.usr=/dev/vg-0/home mount.usrflags=ro")]
    [InlineData("boot=live", "boot=live")]
    [InlineData("boot=/dev/sda7", $"boot=UUID={BootUuid}")]
    [InlineData("luks=no rd.luks=0 rd.md=0 rd.multipath=0 rd.lvm=0", "luks=no rd.luks=0 rd.md=0 rd.multipath=0 rd.lvm=0")]
    [InlineData("luks.options=discard rd.luks.key=/k:UUID=x rd.luks.data=x=/y luks.name=a=b", "")]
    [InlineData("modprobe.blacklist=nouveau,vmw-pvscsi", "modprobe.blacklist=nouveau")]
    [InlineData("module_blacklist=ahci", "module_blacklist=ahci")]
    [InlineData("rootflags=subvol=@", "rootflags=subvol=@")]
    [InlineData("rootflags=subvol=@,subvolid=256", "rootflags=subvol=@")]
    [InlineData("rootflags=logdev=/dev/sdb1,noatime", "rootflags=noatime")]
    [InlineData("ifname=boot0:3C:FD:FE:00:00:01 ip=boot0:dhcp", "ifname=boot0:00:50:56:00:00:01 ip=boot0:dhcp")]
    [InlineData("ifname=boot1:3c:fd:fe:00:00:02 ip=boot1:dhcp bootdev=boot1 rd.neednet=1", "")]
    [InlineData("ip=192.0.2.5::192.0.2.1:255.255.255.0:host:eno1:none", "ip=192.0.2.5::192.0.2.1:255.255.255.0:host:eno1:none")]
    [InlineData("netroot=iscsi:x rd.iscsi.initiator=iqn ip=ibft rd.neednet=1", "")]
    [InlineData("systemd.mount-extra=/dev/md0:/mnt:ext4", $"systemd.mount-extra=UUID={RootUuid}:/mnt:ext4")]
    [InlineData("systemd.swap-extra=/dev/sdb1", "")]
    [InlineData("resume=/dev/disk/by-id/ata-X-part3", $"resume=UUID={SwapUuid}")]
    [InlineData("rd.lvm.vg=vg-0 rd.lvm.vg=gone", "rd.lvm.vg=vg-0")]
    [InlineData("fcoe=eno1:nodcb crypt_root=/dev/sda2 nfsroot=1.2.3.4:/x", "")]
    public void Word(string line, string expected) => Assert.Equal(expected, CommandLineText.Transform(line, Devices).Text);

    [Theory]
    [InlineData("default_hugepagesz=1G hugepages=3", 4L, "hugepages=3")]
    [InlineData("hugepagesz=1G hugepages=1 hugepagesz=2M hugepages=512", 4L, null)]
    [InlineData("hugepages=100", null, null)]
    [InlineData("mem=2G", 4L, "mem=2G")]
    [InlineData("mem=2G", null, null)]
    [InlineData("crashkernel=256M", 4L, null)]
    [InlineData("crashkernel=1G-4G:192M,4G-64G:256M", 4L, null)]
    [InlineData("memmap=4G!12G", null, "memmap=4G!12G")]
    [InlineData("console=ttyS0 console=tty0", null, "console=ttyS0")]
    [InlineData("console=hvc0", null, "console=hvc0")]
    [InlineData("console=tty0", null, null)]
    public void Findings(string line, long? memoryGiB, string? subject)
    {
        var devices = new DeviceMap(Devices.Layout, Devices.Options with { MemoryBytes = memoryGiB << 30 });
        Assert.Equal(subject, CommandLineFindings.Of(line.Split(' '), devices).SingleOrDefault()?.Subject);
    }
}
