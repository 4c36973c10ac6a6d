using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>The copy's own builder of initramfs images.</summary>
internal interface IInitramfsBuilder
{
    /// <param name="everything">Second attempt: pack all drivers, not only those of this machine.</param>
    /// <exception cref="AgentException">ReconfigurationFailed, with the tool's last lines.</exception>
    Task BuildAsync(ReconfigureContext context, InitramfsBuild build, bool everything, CancellationToken cancellationToken);
}

internal static class InitramfsBuilders
{
    public static IInitramfsBuilder Of(InitramfsToolKind tool) =>
        tool switch
        {
            InitramfsToolKind.Dracut => new DracutBuilder(),
            InitramfsToolKind.Mkinitcpio => new MkinitcpioBuilder(),
            _ => new InitramfsToolsBuilder(),
        };

    /// <exception cref="AgentException">The tool failed.</exception>
    public static void OrThrow(ToolResult result, InitramfsBuild build) =>
        result.OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"The initramfs of kernel {build.Kernel.Version} could not be built in the copy.",
            "See what the tool said: most often /boot is full or a package on the source is half installed. Mend it there, synchronize, "
                + "and run the reconfiguration again."
        );
}
