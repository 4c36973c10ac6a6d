using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Has one volume's device written over as a whole, and leaves a mounted file system behind in every case.</summary>
internal sealed class VolumeOverwriting(StorageSettings settings, MountedTarget target, TargetVolume volume, IEventSink sink)
{
    private readonly string device = target.VolumeDevices[volume.Id];
    private readonly TargetJournal? journal = target.Journal as TargetJournal;

    private bool IsRoot => volume.Id == target.Layout.RootVolume().Id;

    public async Task RunAsync(Func<CancellationToken, Task> writeAsync, CancellationToken cancellationToken)
    {
        // The root volume carries the journal: without one, a helper that starts again builds everything anew.
        var kept = IsRoot ? journal?.ReadText() : null;
        if (!IsRoot)
            journal?.MarkOverwriting(volume.Id);

        await UnmountAsync(cancellationToken);
        try
        {
            await writeAsync(cancellationToken);
            await CheckAsync(cancellationToken);
            await MountAsync(cancellationToken);
        }
        catch
        {
            // Half a file system is none; and the next attempt, by whatever way, wants one to write into.
            await UnmountAsync(CancellationToken.None);
            await Tool.RunAsync("wipefs", ["-af", device], CancellationToken.None);
            await new FileSystemMaker(sink).MakeAsync(volume, device, CancellationToken.None);
            await MountAsync(CancellationToken.None);
            Settle(kept);
            throw;
        }

        Settle(kept);
    }

    private void Settle(string? kept)
    {
        if (kept is not null)
            journal?.Restore(kept);
        else
            journal?.MarkOverwritten(volume.Id);
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (volume.FileSystem.Kind == FileSystemKind.Xfs)
        {
            // Its log is replayed by mounting alone, and only then can it be checked.
            await MountAsync(cancellationToken);
            await UnmountAsync(cancellationToken);
            (await Tool.RunAsync("xfs_repair", ["-n", device], cancellationToken)).OrThrow(ErrorIds.CopyFailed, Cause, Remedy);
            return;
        }

        // 1: it put something right, such as the list of deleted files that were still open.
        var check = await Tool.RunAsync("e2fsck", ["-f", "-p", device], cancellationToken);
        if (check.ExitCode is not (0 or 1))
            check.OrThrow(ErrorIds.CopyFailed, Cause, Remedy);
    }

    private string Cause => $"The file system of {volume.Id} is damaged after its used blocks were copied.";

    private static string Remedy => "Check the file system on the source; or copy the files instead (-CopyMode File).";

    private async Task UnmountAsync(CancellationToken cancellationToken)
    {
        await Mounts.UnmountTreeAsync(target.VolumePaths[volume.Id], cancellationToken);
        await DeviceUse.WaitForEndAsync(device, cancellationToken);
    }

    private async Task MountAsync(CancellationToken cancellationToken)
    {
        var path = await new VolumeMounter(settings).MountAsync(target.Layout, volume, device, cancellationToken);
        // Of a source that is itself a copy: by it a helper that starts again would boot what is not finished.
        File.Delete(Path.Combine(path, AgentLayoutQueries.FinishedMarker));
    }
}
