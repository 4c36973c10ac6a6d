using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

internal sealed class DracutBuilder : IInitramfsBuilder
{
    public async Task BuildAsync(ReconfigureContext context, InitramfsBuild build, bool everything, CancellationToken cancellationToken)
    {
        var arguments = new List<string> { "-f", "--add-drivers", string.Join(' ', build.Drivers) };
        if (build.Programs.Contains("lvm"))
            arguments.AddRange(["--add", "lvm"]);

        if (everything)
            arguments.Add("--no-hostonly");

        // The image and version by position: dracut 004 of RHEL 6 knows no other form.
        InitramfsBuilders.OrThrow(
            await context.Chroot.RunAsync("dracut", [.. arguments, build.Image, build.Kernel.Version], cancellationToken),
            build
        );
    }
}
