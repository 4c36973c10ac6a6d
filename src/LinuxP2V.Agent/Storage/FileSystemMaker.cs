using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Makes file systems and swap areas with the helper's tools and the source's features.</summary>
internal sealed class FileSystemMaker(IEventSink sink)
{
    /// <exception cref="AgentException">FormatFailed, with the tool's last lines; MountFailed: the device is still in use.</exception>
    public async Task MakeAsync(TargetVolume volume, string device, CancellationToken cancellationToken)
    {
        // An unmounted file system lives on for as long as another mount namespace has it, and mkfs refuses.
        await DeviceUse.WaitForEndAsync(device, cancellationToken);
        var size = await Tool.RunAsync("blockdev", ["--getsize64", device], cancellationToken);
        var job = new FormatJob(
            volume,
            device,
            long.TryParse(size.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0
        );
        for (var command = await BuildAsync(job, cancellationToken); command is not null; command = command.Then)
        {
            sink.Debug($"{command.Program} {string.Join(' ', command.Arguments)}");
            (await Tool.RunAsync(command.Program, command.Arguments, cancellationToken)).OrThrow(
                ErrorIds.FormatFailed,
                $"{volume.Id} ({volume.FileSystem.Kind}, {job.SizeBytes} bytes) could not be made on {device}.",
                "Read the tool's output: most often the volume is too small for its file system. "
                    + "Plan it larger and run the conversion again."
            );
            if (command.Expected is { } expected && FileSystemFeatures.Read(device) is { } made)
                Compare(volume, command.Program, expected, made);
        }
    }

    private void Compare(TargetVolume volume, string program, IReadOnlyList<string> expected, IReadOnlyList<string> made)
    {
        if (expected.Except(made).ToList() is { Count: > 0 } missing)
            sink.Warning(
                $"{volume.Id}: the source's file system has {string.Join(", ", missing)}; {program} of the helper made it without."
            );

        if (made.Except(expected).ToList() is { Count: > 0 } more)
        {
            sink.Warning(
                $"{volume.Id}: {program} of the helper made it with {string.Join(", ", more)}, which the source's file system does not "
                    + "have: an old kernel may not mount it."
            );
        }
    }

    private static async Task<FormatCommand> BuildAsync(FormatJob job, CancellationToken cancellationToken) =>
        job.Spec.Kind switch
        {
            FileSystemKind.Ext2 or FileSystemKind.Ext3 or FileSystemKind.Ext4 => ExtFormat.Build(job),
            FileSystemKind.Xfs => XfsFormat.Build(
                job,
                XfsFormat.KnowsLargeExtents((await Tool.RunAsync("mkfs.xfs", ["-V"], cancellationToken)).Output)
            ),
            FileSystemKind.Btrfs => BtrfsFormat.Build(
                job,
                await BtrfsFeaturesAsync("-O", cancellationToken),
                await BtrfsFeaturesAsync("-R", cancellationToken)
            ),
            FileSystemKind.Vfat => OtherFormats.Vfat(job),
            FileSystemKind.Swap => OtherFormats.Swap(job),
            _ => throw new AgentException(
                ErrorIds.FileSystemNotSupported,
                $"{job.Volume.Id} asks for file system {job.Spec.Kind}, which this agent does not know.",
                "Use a helper image of the engine's own version."
            ),
        };

    private static async Task<string> BtrfsFeaturesAsync(string option, CancellationToken cancellationToken)
    {
        // It prints the list on standard error, and some versions call that a failure.
        var result = await Tool.RunAsync("mkfs.btrfs", [option, "list-all"], cancellationToken);
        return result.Error + result.Output;
    }
}
