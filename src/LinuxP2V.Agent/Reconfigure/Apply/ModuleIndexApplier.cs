using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>The lists by which modprobe finds a kernel's modules, made by the copy's own depmod.</summary>
internal sealed class ModuleIndexApplier : ChangeApplier<ModuleIndexBuild>
{
    protected override async Task<GuestChange?> ApplyAsync(
        ModuleIndexBuild change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        await context.Originals.KeepAsync(change.Subject, cancellationToken);
        (await context.Chroot.RunAsync("depmod", ["-a", change.Version], cancellationToken)).OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"depmod could not list the modules of kernel {change.Version} in the copy.",
            "See what the tool said; install the kernel's package on the source again, synchronize, and run the reconfiguration again."
        );
        return change;
    }
}
