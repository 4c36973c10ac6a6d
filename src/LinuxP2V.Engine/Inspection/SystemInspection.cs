namespace LinuxP2V.Engine.Inspection;

/// <summary>The machine and its tools.</summary>
internal static class SystemInspection
{
    private static readonly string[] VirtualMachineNames =
    [
        "VMware",
        "QEMU",
        "KVM",
        "VirtualBox",
        "innotek",
        "Xen",
        "Bochs",
        "Parallels",
        "oVirt",
        "OpenStack",
        "Amazon EC2",
        "Google Compute",
        "DigitalOcean",
    ];

    public static IEnumerable<Finding> Inspect(InspectionScope scope)
    {
        var facts = scope.Facts;
        if (!facts.IsRoot)
        {
            yield return new Finding(
                FindingSeverity.Error,
                "NotRoot",
                scope.Host,
                $"{scope.Host} was read without root: partition tables and file systems could not be looked into, and files of others could not be copied.",
                "Log in as root, or let the user use sudo and do not forbid elevation."
            );
        }

        foreach (var finding in InspectArchitecture(scope).Concat(InspectTools(scope)))
            yield return finding;

        if (facts.RunningDatabases.Count > 0)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "BusyDatabase",
                InspectionScope.List(facts.RunningDatabases),
                $"{InspectionScope.List(facts.RunningDatabases)} {(facts.RunningDatabases.Count == 1 ? "is" : "are")} running on {scope.Host}: files copied while it writes may not fit together.",
                "Stop the service for the copy, or restore its data from a dump of its own in the VM."
            );
        }

        if (facts.SELinux == "Enforcing")
        {
            yield return new Finding(
                FindingSeverity.Information,
                "SELinuxEnforcing",
                scope.Host,
                "SELinux is enforcing; labels are copied with the files.",
                "Nothing to do. Should a service be denied something in the VM: 'touch /.autorelabel' and reboot."
            );
        }

        yield return new Finding(
            FindingSeverity.Information,
            "LiveCopy",
            scope.Host,
            $"{scope.Host} stays in use: what changes while it is copied may be of different moments in the copy.",
            "Stop services that write much, at the latest before the last synchronisation."
        );

        var maker = $"{facts.Hardware.Manufacturer} {facts.Hardware.Product}".Trim();
        if (
            VirtualMachineNames.Any(name => maker.IndexOf(name, StringComparison.OrdinalIgnoreCase) >= 0)
            || (
                facts.Hardware.Manufacturer?.StartsWith("Microsoft", StringComparison.Ordinal) == true
                && facts.Hardware.Product == "Virtual Machine"
            )
        )
        {
            yield return new Finding(
                FindingSeverity.Information,
                "VirtualMachineSource",
                scope.Host,
                $"{scope.Host} is a virtual machine already ({maker}).",
                "Nothing to do; guest tools of its present platform may be removed from the VM afterwards."
            );
        }
    }

    private static IEnumerable<Finding> InspectArchitecture(InspectionScope scope)
    {
        var architecture = scope.Facts.OperatingSystem.Architecture;
        if (architecture == "x86_64")
            yield break;

        var is32Bit = architecture.Length == 4 && architecture[0] == 'i' && architecture.EndsWith("86", StringComparison.Ordinal);
        yield return new Finding(
            is32Bit ? FindingSeverity.Warning : FindingSeverity.Error,
            "UnsupportedArchitecture",
            scope.Host,
            is32Bit
                ? $"{scope.Host} runs a 32-bit system ({architecture}), which is tried little."
                : $"{scope.Host} is a machine of type {architecture}; the VM would be x86_64 and could not run its programs.",
            is32Bit ? "Test the VM before you rely on it." : "Only x86_64 machines can be converted."
        );
    }

    private static IEnumerable<Finding> InspectTools(InspectionScope scope)
    {
        var tools = scope.Facts.Tools;
        if (!tools.Has("tar"))
        {
            yield return new Finding(
                FindingSeverity.Error,
                "MissingTar",
                scope.Host,
                $"{scope.Host} has no tar, which reads the files for the copy.",
                "Install the package tar on the source."
            );
        }
        else if (!tools.HasGnuTar)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "LimitedTar",
                scope.Host,
                $"tar on {scope.Host} is not GNU's ({tools.Versions["tar"]}): extended attributes, ACLs, capabilities, SELinux labels, holes in sparse files and fractions of seconds in times are lost.",
                "Install GNU tar (package tar) on the source."
            );
        }

        if (!tools.HasGnuFind)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "MissingFind",
                scope.Host,
                $"{scope.Host} has no GNU find{(tools.Has("find") ? $" ({tools.Versions["find"]})" : "")}: totals, synchronisation and comparison are limited.",
                "Install the package findutils on the source."
            );
        }
    }
}
