using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Planning;

/// <summary>
/// Works out the VM and its disks from what the source is and what the admin asks for. Touches nothing and asks nobody:
/// the same input gives the same plan.
/// </summary>
public static class ConversionPlanner
{
    /// <exception cref="P2VException">
    /// PlanNotPossible, VolumeNotFound, VolumeTooSmall, VolumeGroupTooSmall, FileSystemNotSupported, BootLoaderNotSupported,
    /// ArchitectureNotSupported, SourceNotConvertible, BlockCopyNotPossible or HelperMemoryTooSmall, with the numbers.
    /// </exception>
    public static ConversionTask Plan(SourceEndpoint source, SourceFacts facts, TaskSettings settings, DestinationReference destination)
    {
        SourceChecks.Run(facts, settings, destination);
        var graph = new DeviceGraph(facts);
        var selection = VolumeSelection.Select(facts, settings, graph);
        var volumes = selection.Volumes;
        PathExclusion.Assign(settings.ExcludePaths, volumes, selection.Skipped);
        VolumeSizing.Apply(settings.VolumeSizes, volumes, selection.Skipped);
        BlockCopyCheck.Run(settings.Copy, volumes);
        var storage = StoragePlan.Create(facts, graph, volumes, settings.LvmMode);

        var support = new DriverSupport(facts, destination);
        var controller = support.ChooseController(settings.DiskController);
        var addresses = DiskAddresses.Assign(controller, storage.Disks.Count, DestinationKinds.IsLocal(destination));
        var adapters = HardwarePlanner.SourceAdapters(facts.Network);
        return new ConversionTask
        {
            Source = source,
            Facts = facts,
            Destination = destination,
            Settings = settings,
            Plan = new ConversionPlan
            {
                Machine = CreateMachine(facts, settings, destination) with
                {
                    Disks =
                    [
                        .. storage.Disks.Select(disk => new DiskSpecification(disk.Size, addresses[disk.Number], settings.DiskFormat)
                        {
                            UsedBytes = disk.UsedBytes,
                        }),
                    ],
                    Adapters = HardwarePlanner.Adapters(support.ChooseAdapter(settings.AdapterKind), adapters.Count, settings.NetworkNames),
                },
                Layout = new TargetLayout
                {
                    Firmware = facts.Hardware.Firmware,
                    Disks = [.. storage.Disks.Select(disk => ToTarget(disk, addresses[disk.Number]))],
                    VolumeGroups = storage.ToTargetGroups(),
                    Volumes = [.. volumes.Select(ToTarget)],
                },
                Skipped = selection.Skipped,
                Replaced = storage.Replaced,
                Adapters = adapters,
            },
        };
    }

    private static MachineSpecification CreateMachine(SourceFacts facts, TaskSettings settings, DestinationReference destination) =>
        new()
        {
            Name = HardwarePlanner.Name(settings.Name, facts.HostName),
            Firmware = facts.Hardware.Firmware,
            // QEMU would need firmware with enrolled keys and system management mode; the copy boots without as well.
            SecureBoot = facts.Hardware.SecureBoot == true && !DestinationKinds.IsLocal(destination),
            NumCpu = HardwarePlanner.CpuCount(settings.NumCpu, facts.Hardware),
            MemoryBytes = HardwarePlanner.Memory(settings.MemoryBytes, facts.Hardware),
            Disks = [],
            OperatingSystemId = facts.OperatingSystem.Id,
            OperatingSystemVersion = facts.OperatingSystem.VersionId,
            Notes = settings.Notes,
            SourceName = facts.HostName,
            HardwareVersion = settings.HardwareVersion,
            Placement = settings.Placement,
        };

    private static TargetDisk ToTarget(DraftDisk disk, DiskAddress address) =>
        new()
        {
            Number = disk.Number,
            SizeBytes = disk.Size,
            Address = address,
            PartitionTable = disk.Table,
            Identifier = disk.Identifier,
            Partitions = disk.Partitions,
            IsBootDisk = disk.IsBootDisk,
        };

    private static TargetVolume ToTarget(PlannedVolume volume) =>
        new()
        {
            Id = volume.Id,
            Device = volume.Reference!,
            FileSystem = volume.FileSystem,
            MountPoint = volume.Mount?.MountPoint,
            MountOptions = volume.Mount?.FstabOptions,
            SourceDevice = volume.SourceDevice,
            UsedBytes = volume.Mount?.UsedBytes ?? 0,
            UsedInodes = volume.Mount?.UsedInodes ?? 0,
            ExcludedPaths = volume.ExcludedPaths,
        };
}
