using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Copy.Blocks;

/// <summary>Reads the free space of a frozen volume with the source's own tools.</summary>
internal static class FreeSpace
{
    /// <exception cref="InvalidDataException">There is no such tool, or it tells what blocks alone do not: a phrase for people.</exception>
    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public static Task<BlockMap> ReadAsync(VolumeWork work, IFrozenView view, CancellationToken cancellationToken)
    {
        var isXfs = work.Volume.FileSystem.Kind == FileSystemKind.Xfs;
        var tool = isXfs ? "xfs_db" : "dumpe2fs";
        var device = PosixShell.Quote(view.Device);
        // What another program read through the device before the file system came to rest must not be read again.
        var script = view.Beside(
            $"""
            command -v {tool} >/dev/null || exit 127
            blockdev --flushbufs {device} 2>/dev/null
            exec {(
                isXfs
                    ? $"xfs_db -r -c 'sb 0' -c 'p uuid {string.Join(' ', FreeSpaceText.XfsFacts)}' -c 'freesp -d' {device}"
                    : $"dumpe2fs {device}"
            )}
            """
        );
        return work.Streams.RunAsync(
            async (lane, token) =>
            {
                var lastLines = new LastLines();
                using var stream = lane.Start(script, lastLines.Add);
                await using var registration = token.Register(stream.Kill);
                var reading = Task.Run(() => Parse(stream.Output, isXfs), CancellationToken.None);
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                token.ThrowIfCancellationRequested();
                // Rather what the tool says than what is missing of its output.
                var exitCode = await stream.WaitAsync(token);
                return exitCode switch
                {
                    0 => await reading,
                    127 => throw new InvalidDataException($"the source has no {tool}"),
                    _ => throw new InvalidDataException($"{tool} ended with {exitCode}: {lastLines}"),
                };
            },
            cancellationToken
        );
    }

    private static BlockMap Parse(Stream output, bool isXfs)
    {
        using var text = new StreamReader(output);
        return isXfs ? FreeSpaceText.Xfs(text) : FreeSpaceText.Ext(text);
    }
}
