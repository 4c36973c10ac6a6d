using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Kernels;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

internal sealed class InitramfsToolsBuilder : IInitramfsBuilder
{
    /// <summary>The last file of the folder has the last word.</summary>
    private const string AllModules = "/etc/initramfs-tools/conf.d/zz-linuxp2v";

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
            // Old versions refuse to update an image that they do not remember to have made. Newer ones do not know this option,
            // so that what they said first is what went wrong.
            var second = await context.Chroot.RunAsync("update-initramfs", ["-c", "-t", "-k", build.Kernel.Version], cancellationToken);
            if (second.Succeeded)
                result = second;
        }

        InitramfsBuilders.OrThrow(result, build);
        await CopyAsync(context, build, cancellationToken);
    }

    /// <summary>update-initramfs writes into /boot alone; a loader that reads another file gets a copy.</summary>
    private static async Task CopyAsync(ReconfigureContext context, InitramfsBuild build, CancellationToken cancellationToken)
    {
        var (made, wanted) = (context.Files.Host(InitramfsTool.InitramfsToolsImage(build.Kernel.Version)), context.Files.Host(build.Image));
        if (made == wanted || !File.Exists(made))
            return;

        Directory.CreateDirectory(Path.GetDirectoryName(wanted)!);
        InitramfsBuilders.OrThrow(await Tool.RunAsync("cp", ["--", made, wanted], cancellationToken), build);
    }
}
