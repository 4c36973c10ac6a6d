using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>
/// A kernel's initramfs, which is built anew unless it holds all that the VM needs: what is inside is looked up when the
/// copy is there.
/// </summary>
/// <param name="Modules">Modules that it must hold, with underscores.</param>
/// <param name="Programs">Programs that it must hold.</param>
/// <param name="Drivers">Modules that a new image is given besides, as far as the kernel has them.</param>
/// <param name="Inputs">Changed files of which it must hold the new text.</param>
/// <param name="IsBootKernel">The kernel that the copy starts: a failure is one of the whole reconfiguration.</param>
public sealed record InitramfsBuild(
    string Concern,
    InstalledKernel Kernel,
    string Image,
    InitramfsToolKind Tool,
    IReadOnlyList<string> Modules,
    IReadOnlyList<string> Programs,
    IReadOnlyList<string> Drivers,
    IReadOnlyList<string> Inputs,
    bool IsBootKernel
)
    : ToolChange(
        Concern,
        Image,
        $"built anew for kernel {Kernel.Version} unless it holds all that the VM needs",
        $"the VM needs {string.Join(", ", Modules.Concat(Programs))} to reach its root file system"
    );
