using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Blocks;

/// <summary>Whether a volume's used blocks can be copied in the place of its files, and if not, why not.</summary>
/// <param name="Reason">A phrase for people: why blocks are not possible.</param>
internal sealed record BlockChoice(IFrozenView? View, BlockMap? Map, string Reason)
{
    /// <summary>Partitions are laid out anew: a few sectors more behind the file system do not make it another size.</summary>
    private const long SizeSlack = 16L << 20;

    /// <summary>Of a kind whose used blocks its own tools tell.</summary>
    public static bool CanHave(TargetVolume volume) =>
        volume.FileSystem.Kind is FileSystemKind.Ext2 or FileSystemKind.Ext3 or FileSystemKind.Ext4 or FileSystemKind.Xfs
        && !volume.FileSystem.HasExternalLog
        && !VolumeExclusion.IsLeftOut(volume);

    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public static async Task<BlockChoice> MakeAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var volume = work.Volume;
        if (work.Streams.Options.Mode == CopyMode.File)
            return No("files were asked for");
        if (VolumeExclusion.IsLeftOut(volume))
            return No("it is left out");
        if (!CanHave(volume))
            return No(
                volume.FileSystem.HasExternalLog
                    ? "the source keeps its log on another device, and the copy has it inside"
                    : $"{volume.FileSystem.Kind} tells no free blocks"
            );
        if (ManifestScript.ExcludedFrom(volume).Except(AgentFiles.NamesIn(volume)).Any())
            return No("paths in it are left out");
        if (work.OverwriteAsync is null)
            return No("the copy's journal lies on it, which other volumes need now");

        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        if (tools.Lister == ListingTool.None || !tools.HasLsattr)
            return No(
                $"the source has no {(tools.HasLsattr ? "GNU find" : "lsattr")}, without which no later pass could bring over what changes"
            );

        var view = work.View as IFrozenView ?? await ReadOnlyMount.FindAsync(work.Streams, work.View, volume, cancellationToken);
        if (view is null)
            return No("it can be written to on the source: only a snapshot or a volume that is mounted read-only keeps still");

        try
        {
            var map = await FreeSpace.ReadAsync(work, view, cancellationToken);
            if (
                volume.FileSystem.Uuid is { } planned
                && map.FileSystemUuid is { } found
                && !planned.Equals(found, StringComparison.OrdinalIgnoreCase)
            )
                return No($"{view.Device} holds another file system than was planned for: its UUID is {found}, not {planned}");

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
