using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Storage;

public sealed class OtherStorageTests
{
    [Theory]
    [InlineData("/etc/sysconfig/rawdevices", "/dev/raw/raw1 /dev/sdb1\n", "DiskNamedElsewhere")]
    [InlineData("/etc/sysconfig/rawdevices", "# /dev/raw/raw1 /dev/sdb1\n", null)]
    [InlineData("/etc/udev/rules.d/99-asm.rules", "KERNEL==\"sd*\", ENV{ID_SERIAL}==\"3600\", OWNER=\"oracle\"\n", "DiskNamedElsewhere")]
    [InlineData("/etc/udev/rules.d/99-asm.rules", "#KERNEL==\"sd*\", ENV{ID_SERIAL}==\"3600\"\n", null)]
    [InlineData("/etc/udev/rules.d/70-net.rules", "SUBSYSTEM==\"net\", ATTR{address}==\"3c:fd:fe:00:00:01\", NAME=\"lan0\"\n", null)]
    [InlineData("/etc/iscsi/nodes/iqn.x/192.0.2.1,3260,1/default", "node.startup = automatic\n", "IscsiTarget")]
    [InlineData("/var/lib/iscsi/nodes/iqn.x/192.0.2.1,3260,1/default", "node.startup = manual\n", null)]
    public void What_no_rule_rewrites_is_said(string path, string text, string? id)
    {
        var target = new GuestTarget(Samples.Server(), new ReconfigureOptions { RunningKernel = "6.1" });
        var plan = GuestPlanner.Plan(GuestFiles.Store((path, text)), target, ["OtherStorage"]);
        Assert.Equal(id, plan.Findings.SingleOrDefault()?.Id);
        Assert.Empty(plan.Changes);
    }
}
