using LinuxP2V.Engine.Planning;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Inspection;

/// <summary>How the copy will boot in another way than the source. Whether it can at all is the planner's to say.</summary>
internal static class BootInspection
{
    public static IEnumerable<Finding> Inspect(InspectionScope scope) =>
        InspectLoader(scope).Concat(InspectKernels(scope)).Concat(InspectFirmware(scope));

    private static IEnumerable<Finding> InspectLoader(InspectionScope scope)
    {
        var boot = scope.Facts.Boot;
        if (boot.BootCodeDisks.Count > 1)
        {
            yield return new Finding(
                FindingSeverity.Information,
                "MultipleBootDisks",
                InspectionScope.List(boot.BootCodeDisks),
                $"{boot.BootCodeDisks.Count} disks hold a boot loader ({InspectionScope.List(boot.BootCodeDisks)}); "
                    + $"the VM will boot from one, taken after {boot.BootDisk}.",
                "Nothing to do for a mirror. Else check that the VM starts the system that you mean."
            );
        }
    }

    private static IEnumerable<Finding> InspectKernels(InspectionScope scope)
    {
        var release = scope.Facts.OperatingSystem.RunningKernel;
        var running = scope.Facts.Kernels.FirstOrDefault(kernel => kernel.Version == release);
        if (SourceKernel.Of(scope.Facts) is { } chosen && running?.ImagePath is null)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "KernelMissing",
                release,
                $"The running kernel {release} has {(running is null ? "no modules in /lib/modules" : "no image in /boot")}; the VM "
                    + $"will boot {chosen.Version}.",
                "Reboot the source into an installed kernel first, so that you know that it works."
            );
        }
    }

    private static IEnumerable<Finding> InspectFirmware(InspectionScope scope)
    {
        var hardware = scope.Facts.Hardware;
        if (hardware.SecureBoot == true)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "SecureBootOn",
                scope.Host,
                $"Secure Boot is on at {scope.Host}: keys enrolled in its firmware do not come along.",
                "Leave Secure Boot off in the VM, or check that loader and kernel are signed by the distribution."
            );
        }

        if (hardware.HasTpm)
        {
            yield return new Finding(
                FindingSeverity.Information,
                "TpmKeysStay",
                scope.Host,
                $"{scope.Host} has a TPM, whose keys do not come along.",
                "Encrypted volumes are copied as plain ones and need none. What else is sealed by the TPM must be set up anew in the VM."
                    + (hardware.Firmware == Firmware.Uefi ? " On a vCenter -VirtualTpm gives it an empty one." : "")
            );
        }
    }
}
