using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Builds the copy's storage on the VM's disks, or takes up what an earlier run built.</summary>
internal sealed class TargetStorage(StorageSettings? settings = null, IDiskResolver? resolver = null) : ITargetStorage
{
    private readonly StorageSettings settings = settings ?? new StorageSettings();

    private readonly IDiskResolver resolver =
        resolver ?? new SysfsDiskResolver(new SysfsDiskReader(), (settings ?? new StorageSettings()).DiskWait);

    /// <summary>
    /// Partitions, formats and mounts; or, where the journal of the same conversion and layout is found, only activates
    /// and mounts.
    /// </summary>
    /// <exception cref="AgentException">
    /// DiskNotFound, PartitioningFailed, FormatFailed, TargetDiskFull, MountFailed; OperationOutOfOrder when the disks
    /// carry a whole copy of something else.
    /// </exception>
    public async Task<MountedTarget> PrepareAsync(
        string conversionId,
        TargetLayout layout,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        _ = layout.RootVolume();
        await ClearMountsAsync(cancellationToken);
        var disks = await resolver.ResolveAsync(layout, cancellationToken);
        foreach (var (number, device) in disks)
        {
            sink.Debug($"Disk {number} is {device}.");
        }

        try
        {
            var partitioner = new Partitioner(settings, sink);
            await ShowPartitionsAsync(layout, disks, cancellationToken);
            var existing = await ExistingCopy.FindAsync(disks.Values, settings, sink, cancellationToken);
            var isSame = existing.Journal is { } found && found.ConversionId == conversionId && found.LayoutHash == layout.Hash();
            if (!isSame)
            {
                ThrowIfWorthKeeping(existing, conversionId);
                await BuildAsync(layout, disks, partitioner, sink, cancellationToken);
            }

            var target = await MountAsync(layout, disks, conversionId, isSame, sink, cancellationToken);
            sink.Information(
                isSame
                    ? $"The disks carry this conversion's copy already; its {target.VolumePaths.Count} file systems are mounted."
                    : $"{target.VolumePaths.Count} file systems on {disks.Count} disks are made and mounted."
            );
            return target;
        }
        catch
        {
            // A second attempt must find the disks free.
            await TryClearAsync(layout, disks, sink);
            throw;
        }
    }

    /// <summary>Syncs, unmounts all of the copy, whatever the reconfiguration left mounted included, and deactivates its groups.</summary>
    /// <exception cref="AgentException">MountFailed: something still uses the copy.</exception>
    public async Task ReleaseAsync(MountedTarget target, IEventSink sink, CancellationToken cancellationToken)
    {
        await Tool.RunAsync("sync", [], cancellationToken);
        await ClearMountsAsync(cancellationToken);
        var groups = Groups(target.Layout, target.DiskDevices);
        foreach (var group in target.Layout.VolumeGroups)
        {
            await groups.DeactivateAsync(group.Name, cancellationToken);
        }

        await Tool.RunAsync("sync", [], cancellationToken);
        sink.Information("The copy is unmounted.");
    }

    public Task OverwriteAsync(
        MountedTarget target,
        TargetVolume volume,
        Func<CancellationToken, Task> writeAsync,
        IEventSink sink,
        CancellationToken cancellationToken
    ) => new VolumeOverwriting(settings, target, volume, sink).RunAsync(writeAsync, cancellationToken);

    // An instance member like its siblings: the session holds storage behind one seam.
#pragma warning disable CA1822
    /// <summary>Writes the marker by which the ISO's boot loader knows a finished disk, and takes the journal away.</summary>
    public async Task MarkFinishedAsync(MountedTarget target, IEventSink sink, CancellationToken cancellationToken)
    {
        var conversionId = (target.Journal as TargetJournal)?.ConversionId ?? "";
        var boot = target.Layout.BootVolume();
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(target.VolumePaths[boot.Id], AgentLayoutQueries.FinishedMarker),
                $"LinuxP2V {conversionId}\n",
                cancellationToken
            );
            var journal = Path.Combine(target.VolumePaths[target.Layout.RootVolume().Id], TargetJournal.Folder);
            if (Directory.Exists(journal))
            {
                Directory.Delete(journal, recursive: true);
            }
        }
        catch (IOException exception)
        {
            throw new AgentException(
                new ErrorDescription(
                    ErrorIds.TargetDiskFull,
                    $"The finished marker could not be written to {boot.Id}.",
                    "Free some room on the volume or plan it larger.",
                    exception.Message
                ),
                exception
            );
        }

        await Tool.RunAsync("sync", [], cancellationToken);
        sink.Information($"Marked as finished on {boot.Id}.");
    }

#pragma warning restore CA1822

    private static void ThrowIfWorthKeeping(ExistingCopy existing, string conversionId)
    {
        if (existing.IsFinished || existing.Journal is { HoldsWholeCopy: true })
        {
            var owner =
                existing.Journal is null ? "a finished machine"
                : existing.Journal.ConversionId == conversionId ? "this conversion's whole copy in another layout"
                : $"the whole copy of conversion {existing.Journal.ConversionId}";
            throw new AgentException(
                ErrorIds.OperationOutOfOrder,
                $"The VM's disks carry {owner}; they are not formatted over.",
                "Finish that conversion, or remove it with its VM (Remove-P2VConversion -DeleteVM) and start anew."
            );
        }
    }

    /// <summary>The partitions of an earlier run, as far as the kernel does not show them by itself.</summary>
    private static async Task ShowPartitionsAsync(
        TargetLayout layout,
        IReadOnlyDictionary<int, string> disks,
        CancellationToken cancellationToken
    )
    {
        foreach (var disk in layout.Disks.Where(disk => disk.PartitionTable != PartitionTableKind.None))
        {
            var device = disks[disk.Number];
            if (disk.Partitions.Any(partition => !File.Exists(BlockNodes.Partition(device, partition.Number))))
            {
                await Tool.RunAsync("partx", ["-a", device], cancellationToken);
            }
        }
    }

    private async Task BuildAsync(
        TargetLayout layout,
        IReadOnlyDictionary<int, string> disks,
        Partitioner partitioner,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        foreach (var disk in layout.Disks)
        {
            await Tool.RunAsync("wipefs", ["-af", disks[disk.Number]], cancellationToken);
            await partitioner.WriteAsync(disk, disks[disk.Number], cancellationToken);
            sink.Information($"Disk {disk.Number} ({disks[disk.Number]}) has {disk.Partitions.Count} partitions.");
        }

        var groups = Groups(layout, disks);
        foreach (var group in layout.VolumeGroups)
        {
            await groups.CreateAsync(group, [.. group.PhysicalVolumes.Select(reference => DeviceOf(reference, disks))], cancellationToken);
            sink.Information($"Volume group {group.Name} has {group.LogicalVolumes.Count} volumes.");
        }

        var maker = new FileSystemMaker(sink);
        foreach (var sharing in layout.Volumes.GroupBy(volume => volume.Device))
        {
            var device = DeviceOf(sharing.Key, disks);
            await maker.MakeAsync(sharing.First(), device, cancellationToken);
            await new VolumeMounter(settings).CreateSubvolumesAsync(device, [.. sharing], cancellationToken);
        }
    }

    private async Task<MountedTarget> MountAsync(
        TargetLayout layout,
        IReadOnlyDictionary<int, string> disks,
        string conversionId,
        bool isSame,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        if (isSame)
        {
            var groups = Groups(layout, disks);
            foreach (var group in layout.VolumeGroups)
            {
                await groups.ActivateAsync(group, cancellationToken);
            }
        }

        var mounter = new VolumeMounter(settings);
        var root = layout.RootVolume();
        var paths = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [root.Id] = await mounter.MountAsync(layout, root, DeviceOf(root.Device, disks), cancellationToken),
        };
        var journal = isSame ? TargetJournal.Open(paths[root.Id]) : null;
        foreach (var volume in layout.Volumes.Where(volume => volume.FileSystem.Kind != FileSystemKind.Swap && volume != root))
        {
            if (journal?.IsOverwriting(volume.Id) == true)
            {
                sink.Information($"{volume.Id} broke off while its blocks were copied: it is made anew.");
                await new FileSystemMaker(sink).MakeAsync(volume, DeviceOf(volume.Device, disks), cancellationToken);
                journal.MarkOverwritten(volume.Id);
            }

            paths[volume.Id] = await mounter.MountAsync(layout, volume, DeviceOf(volume.Device, disks), cancellationToken);
        }

        return new MountedTarget
        {
            Layout = layout,
            VolumePaths = paths,
            VolumeDevices = layout.Volumes.ToDictionary(volume => volume.Id, volume => DeviceOf(volume.Device, disks)),
            DiskDevices = disks,
            Journal = journal ?? TargetJournal.Create(paths[root.Id], conversionId, layout.Hash(), [.. paths.Keys]),
        };
    }

    private async Task ClearMountsAsync(CancellationToken cancellationToken)
    {
        await Mounts.UnmountTreeAsync(settings.TargetRoot, cancellationToken);
        await Mounts.UnmountTreeAsync(settings.VolumesRoot, cancellationToken);
    }

    private async Task TryClearAsync(TargetLayout layout, IReadOnlyDictionary<int, string> disks, IEventSink sink)
    {
        try
        {
            await ClearMountsAsync(CancellationToken.None);
            var groups = Groups(layout, disks);
            foreach (var name in layout.VolumeGroups.Count == 0 ? [] : await groups.ListGroupsAsync(CancellationToken.None))
            {
                await groups.DeactivateAsync(name, CancellationToken.None);
            }
        }
        catch (AgentException exception)
        {
            sink.Warning(exception.Error.Cause);
        }
    }

    private static VolumeGroups Groups(TargetLayout layout, IReadOnlyDictionary<int, string> disks) =>
        new(layout.VolumeGroups.SelectMany(group => group.PhysicalVolumes).Select(reference => DeviceOf(reference, disks)));

    private static string DeviceOf(DeviceReference reference, IReadOnlyDictionary<int, string> disks) =>
        reference is { VolumeGroup: { } group, LogicalVolume: { } volume } ? VolumeGroups.DevicePath(group, volume)
        : reference is { Disk: { } disk } && disks.TryGetValue(disk, out var device)
            ? reference.Partition is { } partition ? BlockNodes.Partition(device, partition)
                : device
        : throw new AgentException(
            ErrorIds.PlanNotPossible,
            $"The layout names {reference}, which it does not define.",
            "Plan the task anew."
        );
}
