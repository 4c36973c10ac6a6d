using LinuxP2V.Engine.Sources.Inspection;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tasks.Planning;

/// <summary>Used blocks fit only where the file system keeps its size.</summary>
internal static class BlockCopyCheck
{
    /// <exception cref="P2VException">BlockCopyNotPossible.</exception>
    public static void Run(CopyOptions options, IReadOnlyList<PlannedVolume> volumes)
    {
        if (options.Mode != CopyMode.Block || volumes.FirstOrDefault(volume => volume.IsResized && CopyInspection.CanBeBlocks(volume.FileSystem.Kind)) is not { } resized)
            return;

        throw new P2VException(
            ErrorIds.BlockCopyNotPossible,
            $"{resized.Id} cannot be copied by its used blocks: it shall have {Bytes.Format(resized.TargetSize)}, and has {Bytes.Format(resized.SourceSize)} on the source.",
            $"Leave {resized.Id} out of -VolumeSize, or leave -CopyMode at Auto, which copies this volume file by file.",
            resized.Id);
    }
}
