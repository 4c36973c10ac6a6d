using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Services;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.Tests.Services;

/// <summary>What looks after hardware that the VM does not have.</summary>
public sealed class HardwareTests
{
    [Theory]
    [InlineData("SELINUX=enforcing\nSELINUXTYPE=targeted\n", true)]
    [InlineData("SELINUX=permissive\nSELINUXTYPE=targeted\n", true)]
    [InlineData("SELINUX=disabled\nSELINUXTYPE=targeted\n", false)]
    [InlineData("SELINUX=enforcing\nSELINUXTYPE=mls\n", false)]
    public void Changed_files_are_labelled_by_the_policy_that_is_in_force(string text, bool isLabelled)
    {
        var store = GuestFiles.Store(
            ("/etc/selinux/config", text),
            ("/etc/selinux/targeted/contexts/files/file_contexts", "/.* system_u:object_r:default_t:s0\n")
        );
        var changes = GuestPlanner.Plan(store, GuestCase.Run("n13-ok-set", "SELinux").Target, ["SELinux"]).Changes;
        Assert.Equal(
            isLabelled ? ["/etc/selinux/targeted/contexts/files/file_contexts"] : [],
            changes.OfType<SELinuxLabels>().Select(change => change.Contexts)
        );
    }

    [Theory]
    [InlineData("/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service", "", "SerialConsole", "ttyS0")]
    [InlineData("/etc/inittab", "S0:2345:respawn:/sbin/agetty ttyS1 115200 vt100\n", "SerialConsole", "ttyS1")]
    [InlineData("/etc/init/ttyS0.conf", "exec /sbin/getty -L 115200 ttyS0 vt102\n", "SerialConsole", "ttyS0")]
    [InlineData("/etc/systemd/system/multi-user.target.wants/watchdog.service", "", "Watchdog", "watchdog")]
    [InlineData("/etc/systemd/system.conf", "[Manager]\nRuntimeWatchdogSec=30\n", "Watchdog", "/etc/systemd/system.conf")]
    [InlineData("/etc/sysctl.d/50-db.conf", "vm.nr_hugepages = 4096\n", "Hugepages", "/etc/sysctl.d/50-db.conf")]
    [InlineData("/etc/X11/xorg.conf", "Section \"Device\"\n  Driver \"mga\"\nEndSection\n", "GraphicsDriver", "/etc/X11/xorg.conf")]
    [InlineData("/etc/rc3.d/S98hp-health", "x", "HardwareServices", "hp-health")]
    [InlineData("/etc/rc.d/rc3.d/S96dataeng", "x", "HardwareServices", "dataeng")]
    [InlineData("/etc/systemd/system/sysinit.target.wants/multipathd.service", "", "StorageNetworkServices", "multipathd")]
    [InlineData("/etc/systemd/system/multi-user.target.wants/kdump.service", "", "CrashKernel", "kdump")]
    [InlineData("/etc/systemd/system/multi-user.target.wants/qemu-guest-agent.service", "", "HostAgents", "qemu-guest-agent")]
    public void Is_a_finding_with_a_remedy(string path, string text, string id, string subject)
    {
        var finding = Assert.Single(Plan((path, text)).Findings);
        Assert.Equal((id, subject, FindingSeverity.Warning), (finding.Id, finding.Subject, finding.Severity));
        Assert.NotEmpty(finding.Remedy!);
    }

    [Theory]
    [InlineData("/etc/systemd/system/multi-user.target.wants/ssh.service", "")]
    [InlineData("/etc/rc3.d/K20hp-health", "x")]
    [InlineData("/etc/inittab", "#S0:2345:respawn:/sbin/agetty ttyS0 115200\n1:2345:respawn:/sbin/getty 38400 tty1\n")]
    [InlineData("/etc/sysctl.conf", "#vm.nr_hugepages=64\nvm.nr_hugepages=0\n")]
    [InlineData("/etc/systemd/system.conf", "#RuntimeWatchdogSec=30\nRuntimeWatchdogSec=0\n")]
    public void Is_none_where_the_VM_can_do_with_it(string path, string text) => Assert.Empty(Plan((path, text)).Findings);

    [Fact]
    public void A_link_tells_though_its_unit_was_not_read()
    {
        var store = new MemoryStore();
        store.Add(
            new GuestEntry(
                "/etc/systemd/system/multi-user.target.wants/smartd.service",
                EntryKind.Link,
                0,
                "/usr/lib/systemd/system/smartd.service"
            )
        );
        Assert.Equal("smartd", Assert.Single(Plan(store).Findings).Subject);
    }

    [Fact]
    public void A_service_that_is_masked_does_not_start()
    {
        var store = GuestFiles.Store(("/etc/systemd/system/multi-user.target.wants/smartd.service", ""));
        store.Add(new GuestEntry("/etc/systemd/system/smartd.service", EntryKind.Link, 0, "/dev/null"));
        Assert.Empty(Plan(store).Findings);
    }

    private static GuestPlan Plan(params (string Path, string Text)[] files) => Plan(GuestFiles.Store(files));

    private static GuestPlan Plan(MemoryStore store) =>
        GuestPlanner.Plan(store, GuestCase.Run("n13-ok-set", "Hardware").Target, ["Hardware"]);
}
