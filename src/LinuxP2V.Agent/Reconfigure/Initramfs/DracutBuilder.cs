using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

internal sealed class DracutBuilder : IInitramfsBuilder
{
    public Task<ImageContent?> ListAsync(ReconfigureContext context, string image, CancellationToken cancellationToken) =>
        InitramfsBuilders.ListAsync(context, "lsinitrd", image, cancellationToken);

    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        ReconfigureContext context,
        string image,
        IReadOnlyList<string> files,
        CancellationToken cancellationToken
    )
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var result = await context.Chroot.RunAsync("lsinitrd", ["-f", file, image], cancellationToken);
            if (result.Succeeded)
                texts[file] = result.Output;
        }

        return texts;
    }

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
