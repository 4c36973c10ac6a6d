using System.Globalization;
using LinuxP2V.Agent.Copy.Snapshots;
using LinuxP2V.Agent.Processes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Blocks;

/// <summary>Whether a volume's used blocks can be copied in the place of its files, and if not, why not.</summary>
/// <param name="Reason">A phrase for people: why blocks are not possible.</param>
internal sealed record BlockChoice(IFrozenView? View, BlockMap? Map, string Reason)
{
    /// <summary>Partitions are laid out anew: a few sectors more behind the file system do not make it another size.</summary>
    private const long SizeSlack = 16L << 20;

    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public static async Task<BlockChoice> MakeAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var volume = work.Volume;
        if (work.Streams.Options.Mode == CopyMode.File)
            return No("files were asked for");
        if (volume.FileSystem.Kind is not (FileSystemKind.Ext2 or FileSystemKind.Ext3 or FileSystemKind.Ext4 or FileSystemKind.Xfs))
            return No($"{volume.FileSystem.Kind} tells no free blocks");
        if (Manifests.ManifestScript.ExcludedFrom(volume).Any(path => path != Storage.TargetJournal.Folder) || TarScript.IsLeftOut(volume))
            return No("paths in it are left out");
        if (work.OverwriteAsync is null)
            return No("the copy's journal lies on it, which other volumes need now");

        var view = work.View as IFrozenView ?? await ReadOnlyMount.FindAsync(work.Streams, work.View, volume, cancellationToken);
        if (view is null)
            return No("it can be written to on the source: only a snapshot or a volume that is mounted read-only keeps still");

        try
        {
            var map = await FreeSpace.ReadAsync(work, view, cancellationToken);
            var size = await SizeAsync(work.TargetDevice, cancellationToken);
            return size < map.FileSystemBytes || size - map.FileSystemBytes > SizeSlack
                ? No(string.Create(CultureInfo.InvariantCulture, $"its size changes from {map.FileSystemBytes} to {size} bytes"))
                : new BlockChoice(view, map, "");
        }
        catch (InvalidDataException exception)
        {
            return No(exception.Message);
        }
    }

    private static BlockChoice No(string reason) => new(null, null, reason);

    private static async Task<long> SizeAsync(string device, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync("blockdev", ["--getsize64", device], cancellationToken);
        return long.TryParse(result.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
    }
}
