using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Services;

/// <summary>
/// Names services and settings for hardware which the VM does not have, or has less of. Switching them off is the admin's
/// choice: none of them keeps the VM from starting.
/// </summary>
internal sealed class HardwareStep : IGuestStep
{
    private static readonly ServiceGroup[] Groups =
    [
        new(
            "HardwareServices",
            [
                "hp-health",
                "hp-ams",
                "hp-snmp-agents",
                "hpasmd",
                "hpsmhd",
                "amsd",
                "smad",
                "smad_rev",
                "ahslog",
                "cpqFca",
                "cpqScsi",
                "dataeng",
                "dsm_sa_datamgrd",
                "dsm_sa_eventmgrd",
                "dsm_sa_snmpd",
                "dsm_om_connsvc",
                "dsm_om_shrsvc",
                "dcismeng",
                "instsvcdrv",
                "racsvc",
                "omsad",
                "srvadmin-services",
                "eSM",
                "ibmspm",
                "tdi",
                "vivaldiframeworkd",
                "mrmonitor",
                "MSMFramework",
                "LsiSASH",
                "stor_agent",
                "arcconf",
                "smartd",
                "smartmontools",
                "mcelog",
                "mcelogd",
                "lm_sensors",
                "lm-sensors",
                "fancontrol",
                "nvidia-persistenced",
                "nvidia-fabricmanager",
                "dcgm",
                "hddtemp",
                "thermald",
                "bluetooth",
                "usbguard",
                "rasdaemon",
                "cpufrequtils",
                "cpuspeed",
                "openibd",
                "rdma",
                "opensm",
                "edac",
                "ipmi",
                "ipmievd",
                "ipmidetectd",
                "openipmi",
            ],
            "Services that look after hardware which the VM does not have are enabled: {0}.",
            "Switch them off in the VM (systemctl disable, chkconfig off), or remove their packages."
        ),
        new(
            "HostAgents",
            [
                "waagent",
                "walinuxagent",
                "qemu-guest-agent",
                "vboxadd",
                "vboxadd-service",
                "xe-linux-distribution",
                "google-guest-agent",
                "amazon-ssm-agent",
                "hv-kvp-daemon",
                "hypervkvpd",
                "hypervvssd",
                "prltoolsd",
                "xenstored",
            ],
            "Agents of another cloud or hypervisor are enabled: {0}.",
            "Remove their packages in the VM, and install open-vm-tools."
        ),
        new(
            "StorageNetworkServices",
            [
                "multipathd",
                "multipath-tools",
                "multipath-tools-boot",
                "boot.multipath",
                "iscsi",
                "iscsid",
                "open-iscsi",
                "fcoe",
                "lldpad",
                "boot.open-iscsi",
                "hba",
                "emcpower",
                "PowerPath",
            ],
            "Services that reach storage over a SAN are enabled: {0}. The VM's disks are not there.",
            "Switch them off unless the VM itself shall log in to iSCSI targets: they may wait for paths at its start."
        ),
        new(
            "CrashKernel",
            ["kdump", "kdump-tools", "boot.kdump"],
            "Crash dumps are switched on: {0}. The image that writes them was made for the source's hardware, and "
                + "crashkernel= sets memory aside.",
            "Have it made anew in the VM (kdumpctl rebuild, kdump-config load), and check that the memory that is set aside suits the VM's."
        ),
        new(
            "Watchdog",
            ["watchdog", "wd_keepalive", "hp-asrd", "ipmi-watchdog", "bmc-watchdog", "freeipmi-bmc-watchdog"],
            "A hardware watchdog is looked after: {0}. The VM has none.",
            "Switch it off in the VM, or use the module softdog."
        ),
    ];

    private static readonly Regex SerialGettyPattern = new(
        @"^(?:serial-)?getty@(?<line>tty(?:S|AMA|USB)\d+)$",
        RegexOptions.CultureInvariant
    );

    /// <summary>Lines of an old inittab, and upstart's files.</summary>
    private static readonly Regex SerialLinePattern = new(
        @"^(?![ \t]*#)[^\n]*(?:getty|login)[^\n]*\b(?<line>ttyS\d+)\b|^(?![ \t]*#)[^\n]*\b(?<line>ttyS\d+)\b[^\n]*(?:vt1\d\d|respawn)",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex HugepagesPattern = new(
        @"^[ \t]*vm[./]nr_(?:overcommit_)?hugepages[ \t]*=[ \t]*(?<count>\d+)",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex RuntimeWatchdogPattern = new(
        @"^[ \t]*RuntimeWatchdogSec[ \t]*=[ \t]*(?!0|off|infinity)\S+",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex GraphicsPattern = new(
        """^[ \t]*Driver[ \t]+"(?<driver>nvidia|nouveau|fglrx|radeon|amdgpu|ati|mga|matrox|ast|aspeed|cirrus|qxl|intel|i810|nv|tdfx)["]""",
        RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.IgnoreCase
    );

    private const int MebibytesOfHugepage = 2;

    public string Concern => "Hardware";

    public void Plan(GuestContext context)
    {
        var enabled = EnabledServices.Find(context.Files);
        foreach (var group in Groups)
        {
            var found = enabled.Intersect(group.Names).OrderBy(name => name, StringComparer.Ordinal).ToList();
            if (found.Count > 0)
                context.Warn(group.Id, string.Join(", ", found), group.What.Replace("{0}", string.Join(", ", found)), group.Remedy);
        }

        PlanSerialLines(context, enabled);
        PlanHugepages(context);
        PlanRuntimeWatchdog(context);
        PlanGraphics(context);
    }

    private static void PlanSerialLines(GuestContext context, IEnumerable<string> enabled)
    {
        var texts = context
            .Files.Files("/etc/init", "ttyS*.conf")
            .Concat(Existing(context, "/etc/inittab"))
            .Select(path => ConfigurationLines.OfUsualLength(context.Files.ReadText(path)));
        var lines = enabled
            .Select(name => SerialGettyPattern.Match(name))
            .Concat(texts.SelectMany(text => SerialLinePattern.Matches(text).Cast<Match>()))
            .Where(match => match.Success)
            .Select(match => match.Groups["line"].Value)
            .Distinct()
            .OrderBy(line => line, StringComparer.Ordinal)
            .ToList();
        if (lines.Count > 0)
        {
            context.Warn(
                "SerialConsole",
                string.Join(", ", lines),
                $"A login waits on a serial line ({string.Join(", ", lines)}), which the VM does not have.",
                "Add a serial port to the VM where the console is wanted, else switch the login off (systemctl disable serial-getty@ttyS0)."
            );
        }
    }

    private static void PlanHugepages(GuestContext context)
    {
        foreach (var path in context.Files.Files("/etc/sysctl.d", "*.conf").Concat(Existing(context, "/etc/sysctl.conf")))
        {
            var count = HugepagesPattern
                .Matches(context.Files.ReadText(path))
                .Cast<Match>()
                .Select(match => match.Groups["count"].Value)
                .LastOrDefault();
            if (!long.TryParse(count, out var pages) || pages == 0)
                continue;

            context.Warn(
                "Hugepages",
                path,
                $"{path} sets {pages} huge pages aside: {pages * MebibytesOfHugepage} MiB of 2 MiB pages, which nothing else can use.",
                "Give the VM as much memory as the source has, or lower the number in the copy: too many leave it none to start with."
            );
        }
    }

    private static void PlanRuntimeWatchdog(GuestContext context)
    {
        var path = context
            .Files.Files("/etc/systemd/system.conf.d", "*.conf")
            .Concat(Existing(context, "/etc/systemd/system.conf"))
            .FirstOrDefault(file => RuntimeWatchdogPattern.IsMatch(context.Files.ReadText(file)));
        if (path is not null)
            context.Warn(
                "Watchdog",
                path,
                $"{path} has systemd feed a hardware watchdog, which the VM does not have.",
                "Remove RuntimeWatchdogSec in the VM."
            );
    }

    private static void PlanGraphics(GuestContext context)
    {
        foreach (var path in context.Files.Files("/etc/X11/xorg.conf.d", "*.conf").Concat(Existing(context, "/etc/X11/xorg.conf")))
        {
            if (GraphicsPattern.Match(context.Files.ReadText(path)) is { Success: true } match)
                context.Warn(
                    "GraphicsDriver",
                    path,
                    $"{path} asks for the graphics driver {match.Groups["driver"].Value}; the VM has VMware's graphics adapter.",
                    "Move the file aside in the VM where a desktop is wanted: X finds the driver by itself."
                );
        }
    }

    private static IEnumerable<string> Existing(GuestContext context, string path) => context.Files.FileExists(path) ? [path] : [];

    /// <param name="What">{0} stands for the names that were found.</param>
    private sealed record ServiceGroup(string Id, string[] Names, string What, string Remedy);
}
