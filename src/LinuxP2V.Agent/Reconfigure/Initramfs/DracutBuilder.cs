using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

internal sealed class DracutBuilder : IInitramfsBuilder
{
    public Task<ImageContent?> ListAsync(ReconfigureContext context, string image, CancellationToken cancellationToken) =>
        InitramfsBuilders.ListAsync(context, "lsinitrd", image, cancellationToken);

    public async Task BuildAsync(ReconfigureContext context, InitramfsBuild build, bool everything, CancellationToken cancellationToken)
    {
        var arguments = new List<string> { "-f", "--add-drivers", string.Join(' ', build.Drivers) };
        if (build.Programs.Contains("lvm"))
            arguments.AddRange(["--add", "lvm"]);

        if (everything)
            arguments.Add("--no-hostonly");

        // The image and version by position: dracut 004 of RHEL 6 knows no other form.
        (await context.Chroot.RunAsync("dracut", [.. arguments, build.Image, build.Kernel.Version], cancellationToken)).OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"The initramfs of kernel {build.Kernel.Version} could not be built in the copy.",
            "See what the tool said: most often /boot is full or a package on the source is half installed. Mend it there, synchronize, "
                + "and run the reconfiguration again."
        );
    }
}
