using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>Finds the kernels; the one that ran on the source must be among them. Changes nothing.</summary>
internal sealed class KernelsStep : IGuestStep
{
    public string Concern => "Kernels";

    public void Plan(GuestContext context)
    {
        context.Kernels = KernelFinder.Find(context.Files);
        context.BootKernel = context.Kernels.FirstOrDefault(kernel => kernel.Version == context.Options.RunningKernel);
        if (context.BootKernel is null)
        {
            var found =
                context.Kernels.Count == 0 ? "no kernel at all" : string.Join(", ", context.Kernels.Select(kernel => kernel.Version));
            context.Fail(
                ErrorIds.ReconfigurationFailed,
                context.Options.RunningKernel,
                $"The copy lacks kernel {context.Options.RunningKernel}, which ran on the source; it has {found}.",
                "A kernel update may have removed it since the source was started: restart the source, discover it again and start a new "
                    + "conversion. Check also that /boot is part of the task."
            );
            return;
        }

        context.Note($"Kernels: {string.Join(", ", context.Kernels.Select(kernel => kernel.Version))}.");
    }
}
