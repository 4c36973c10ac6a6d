using LinuxP2V.Guest.Distributions;

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
        foreach (var problem in facts.Problems)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "FactsIncomplete",
                problem.Subject,
                $"{problem.Subject} on {scope.Host}: {problem.What}. The plan is made without it.",
                "Look whether the copy needs it; if so, mend it on the source (dmesg tells of dead disks) and read the source again."
            );
        }

        var system = facts.OperatingSystem;
        yield return DistributionFinding.Of(system.Id, system.VersionId, system.IdLike, system.PrettyName);

        foreach (var finding in InspectArchitecture(scope).Concat(InspectTools(scope)))
            yield return finding;

        if (facts.RunningDatabases.Count > 0)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "BusyDatabase",
                InspectionScope.List(facts.RunningDatabases),
                $"{InspectionScope.List(facts.RunningDatabases)} {(facts.RunningDatabases.Count == 1 ? "is" : "are")} "
                    + $"running on {scope.Host}: files copied while it writes may not fit together.",
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
        if (architecture.Length == 4 && architecture[0] == 'i' && architecture.EndsWith("86", StringComparison.Ordinal))
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "UnsupportedArchitecture",
                scope.Host,
                $"{scope.Host} runs a 32-bit system ({architecture}), which is tried little.",
                "Test the VM before you rely on it."
            );
        }
    }

    private static IEnumerable<Finding> InspectTools(InspectionScope scope)
    {
        var tools = scope.Facts.Tools;
        if (tools.Has("tar") && !tools.HasGnuTar)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "LimitedTar",
                scope.Host,
                $"tar on {scope.Host} is not GNU's ({tools.Versions["tar"]}): extended attributes, ACLs, capabilities, "
                    + $"SELinux labels, holes in sparse files and fractions of seconds in times are lost.",
                "Install GNU tar (package tar) on the source."
            );
        }

        if (!tools.HasGnuFind)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "MissingFind",
                scope.Host,
                $"{scope.Host} has no GNU find{(tools.Has("find") ? $" ({tools.Versions["find"]})" : "")}: totals, "
                    + $"synchronisation and comparison are limited.",
                "Install the package findutils on the source."
            );
        }
    }
}
