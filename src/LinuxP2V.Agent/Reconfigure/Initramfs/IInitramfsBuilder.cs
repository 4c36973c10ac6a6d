using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>The copy's own builder of initramfs images.</summary>
internal interface IInitramfsBuilder
{
    /// <returns>Null for an image that its tool cannot read.</returns>
    Task<ImageContent?> ListAsync(ReconfigureContext context, string image, CancellationToken cancellationToken);

    /// <param name="everything">Second attempt: pack all drivers, not only those of this machine.</param>
    /// <exception cref="AgentException">ReconfigurationFailed, with the tool's last lines.</exception>
    Task BuildAsync(ReconfigureContext context, InitramfsBuild build, bool everything, CancellationToken cancellationToken);
}

internal static class InitramfsBuilders
{
    public static IInitramfsBuilder Of(InitramfsToolKind tool) =>
        tool == InitramfsToolKind.Dracut ? new DracutBuilder() : new InitramfsToolsBuilder();

    public static async Task<ImageContent?> ListAsync(
        ReconfigureContext context,
        string program,
        string image,
        CancellationToken cancellationToken
    )
    {
        var result = await context.Chroot.RunAsync(program, [image], cancellationToken);
        var content = ImageContent.Parse(result.Output);
        // lsinitramfs may succeed on garbage, and old lsinitrd may fail after a good list.
        return content.IsEmpty ? null : content;
    }
}
