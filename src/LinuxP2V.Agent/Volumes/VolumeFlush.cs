using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Volumes;

/// <summary>Sees that what was written to a volume of the copy is on its disk.</summary>
internal static class VolumeFlush
{
    /// <summary>Takes as long as the disk does.</summary>
    /// <param name="path">Where the volume is mounted.</param>
    /// <exception cref="AgentException">CopyFailed.</exception>
    public static Task RunAsync(string path, string volumeId, CancellationToken cancellationToken) =>
        Task.Run(() => Run(path, volumeId), cancellationToken);

    /// <inheritdoc cref="RunAsync"/>
    public static void Run(string path, string volumeId)
    {
        if (NativeFiles.SyncFileSystem(Encoding.UTF8.GetBytes(path + "/\0")) is var error and not 0)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"The helper could not write {volumeId} to its disk.",
                "Check the datastore, then resume the conversion.",
                NativeFiles.Describe(error)
            );
        }
    }
}
