using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Guest.KernelChoice;

namespace LinuxP2V.Engine.Planning;

/// <summary>The kernel that a VM is planned for.</summary>
internal static class SourceKernel
{
    /// <summary>The one that the VM will start, by the rule for guests. The VM's hardware is chosen to suit it.</summary>
    /// <returns>Null: the source has none with an image.</returns>
    public static KernelFacts? Of(SourceFacts facts) =>
        BootKernel.Choose(
            facts.Kernels.Where(kernel => kernel.ImagePath is not null),
            kernel => kernel.Version,
            facts.OperatingSystem.RunningKernel,
            _ => true
        );
}
