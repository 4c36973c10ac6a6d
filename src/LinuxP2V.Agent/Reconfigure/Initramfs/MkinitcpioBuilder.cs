using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>Arch's. The drivers come from the list in its configuration, which the plan has written.</summary>
internal sealed class MkinitcpioBuilder : IInitramfsBuilder
{
    public async Task BuildAsync(ReconfigureContext context, InitramfsBuild build, bool everything, CancellationToken cancellationToken)
    {
        string[] arguments = ["-k", build.Kernel.Version, "-g", build.Image];
        // The hook "autodetect" leaves out what this machine does not use at the moment.
        string[] all = everything ? ["-S", "autodetect"] : [];
        InitramfsBuilders.OrThrow(await context.Chroot.RunAsync("mkinitcpio", [.. arguments, .. all], cancellationToken), build);
    }
}
