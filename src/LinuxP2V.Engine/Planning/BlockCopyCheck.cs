using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Used blocks fit only where the file system keeps its size, and come with all that is in it.</summary>
internal static class BlockCopyCheck
{
    /// <exception cref="P2VException">BlockCopyNotPossible.</exception>
    public static void Run(CopyOptions options, IReadOnlyList<PlannedVolume> volumes)
    {
        if (options.Mode != CopyMode.Block)
            return;

        var blocks = volumes.Where(volume => CanBeBlocks(volume.FileSystem)).ToList();
        if (blocks.FirstOrDefault(volume => volume.IsResized) is { } resized)
        {
            throw Refuse(
                resized,
                $"it shall have {ByteSize.Format(resized.TargetSize)}, and has {ByteSize.Format(resized.SourceSize)} on the source",
                $"Leave {resized.Id} out of -VolumeSize"
            );
        }

        if (blocks.FirstOrDefault(volume => volume.ExcludedPaths.Count > 0) is { } lacking)
        {
            throw Refuse(
                lacking,
                $"{string.Join(", ", lacking.ExcludedPaths)} {(lacking.ExcludedPaths.Count == 1 ? "is" : "are")} left "
                    + $"out, which blocks do not know",
                "Leave -ExcludePath out"
            );
        }
    }

    /// <summary>Whether the agent knows where this file system keeps its used blocks.</summary>
    public static bool CanBeBlocks(FileSystemSpec spec) =>
        !spec.HasExternalLog && spec.Kind is FileSystemKind.Ext2 or FileSystemKind.Ext3 or FileSystemKind.Ext4 or FileSystemKind.Xfs;

    private static P2VException Refuse(PlannedVolume volume, string why, string remedy) =>
        new(
            ErrorIds.BlockCopyNotPossible,
            $"{volume.Id} cannot be copied by its used blocks: {why}.",
            $"{remedy}, or leave -CopyMode at Auto, which copies this volume file by file.",
            volume.Id
        );
}
