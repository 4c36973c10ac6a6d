using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Services;

/// <summary>Names the services that look after hardware which the VM does not have. Switching them off is the admin's choice.</summary>
internal sealed class HardwareStep : IGuestStep
{
    private static readonly string[] Units =
    [
        "hp-health",
        "hp-asrd",
        "hpasmd",
        "hp-snmp-agents",
        "amsd",
        "smad",
        "dataeng",
        "dsm_sa_datamgrd",
        "dsm_om_shrsvc",
        "dcismeng",
        "instsvcdrv",
        "smartd",
        "smartmontools",
        "ipmi",
        "ipmievd",
        "ipmidetectd",
        "mcelog",
        "lm_sensors",
        "lm-sensors",
        "fancontrol",
        "nvidia-persistenced",
        "hddtemp",
        "thermald",
        "bluetooth",
        "usbguard",
        "lldpad",
        "fcoe",
        "rasdaemon",
        "waagent",
        "walinuxagent",
        "qemu-guest-agent",
        "vboxadd-service",
        "xe-linux-distribution",
        "google-guest-agent",
        "amazon-ssm-agent",
        "hv-kvp-daemon",
    ];

    public string Concern => "Hardware";

    public void Plan(GuestContext context)
    {
        var enabled = context
            .Files.Folders("/etc/systemd/system", "*.wants")
            .SelectMany(folder => context.Files.Files(folder, "*.service"))
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Distinct()
            .Intersect(Units)
            .OrderBy(unit => unit, StringComparer.Ordinal)
            .ToList();
        if (enabled.Count > 0)
        {
            context.Warn(
                "HardwareServices",
                string.Join(", ", enabled),
                $"Services of hardware or hosts that the VM does not have are enabled: {string.Join(", ", enabled)}.",
                "Consider switching them off in the VM."
            );
        }
    }
}
