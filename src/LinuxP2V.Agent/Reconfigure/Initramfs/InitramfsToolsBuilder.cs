using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

internal sealed class InitramfsToolsBuilder : IInitramfsBuilder
{
    private const string AllModules = "/etc/initramfs-tools/conf.d/linuxp2v";

    public Task<ImageContent?> ListAsync(ReconfigureContext context, string image, CancellationToken cancellationToken) =>
        InitramfsBuilders.ListAsync(context, "lsinitramfs", image, cancellationToken);

    public async Task BuildAsync(ReconfigureContext context, InitramfsBuild build, bool everything, CancellationToken cancellationToken)
    {
        if (everything)
        {
            await context.Originals.KeepAsync(AllModules, cancellationToken);
            await File.WriteAllTextAsync(
                context.Files.Host(AllModules),
                "# linuxp2v: the drivers of the source's hardware alone do not boot a VM\nMODULES=most\n",
                cancellationToken
            );
        }

        var mode = context.Files.Tree.FileExists(build.Image) ? "-u" : "-c";
        var result = await context.Chroot.RunAsync("update-initramfs", [mode, "-k", build.Kernel.Version], cancellationToken);
        if (!result.Succeeded)
        {
            // Old versions refuse to update an image that they do not remember to have made.
            result = await context.Chroot.RunAsync("update-initramfs", ["-c", "-t", "-k", build.Kernel.Version], cancellationToken);
        }

        result.OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"The initramfs of kernel {build.Kernel.Version} could not be built in the copy.",
            "See what the tool said: most often /boot is full or a package on the source is half installed. Mend it there, synchronize, "
                + "and run the reconfiguration again."
        );
    }
}
