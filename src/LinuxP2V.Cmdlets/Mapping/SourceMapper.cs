using System.Management.Automation;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Ssh;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The engine's facts as the object that users see.</summary>
internal static class SourceMapper
{
    /// <param name="definition">The source as JSON.</param>
    /// <param name="row">What named it in the pipeline.</param>
    /// <param name="read">Null for a source from a file.</param>
    public static P2VSource ToObject(DiscoveredSource source, string definition, SourceReading? read = null, PSObject? row = null)
    {
        var facts = source.Facts;
        return new P2VSource(definition)
        {
            Read = read,
            Row = row,
            Name = facts.HostName.Plain(),
            ComputerName = source.Endpoint.Host,
            Port = source.Endpoint.Port,
            User = source.Endpoint.User,
            Elevation = source.Endpoint.Elevation.ToString(),
            IsRoot = facts.IsRoot,
            HostKeyFingerprint = [.. source.Endpoint.HostKeys.Select(HostKey.FingerprintOf)],
            OperatingSystem = facts.OperatingSystem.PrettyName.Plain(),
            Kernel = facts.OperatingSystem.RunningKernel.Plain(),
            Architecture = facts.OperatingSystem.Architecture.Plain(),
            Firmware = facts.Hardware.Firmware.ToString(),
            SecureBoot = facts.Hardware.SecureBoot,
            NumCpu = facts.Hardware.CpuCount,
            CpuModel = facts.Hardware.CpuModel.PlainOrNull(),
            MemoryGB = Sizes.ToGB(facts.Hardware.MemoryBytes),
            Manufacturer = facts.Hardware.Manufacturer.PlainOrNull(),
            Model = facts.Hardware.Product.PlainOrNull(),
            BootLoader = facts.Boot.Loader.PlainOrNull(),
            InitramfsTool = facts.Boot.InitramfsTool.PlainOrNull(),
            SELinux = facts.SELinux.PlainOrNull(),
            Databases = facts.RunningDatabases.Plain(),
            Disks = [.. facts.BlockDevices.Where(d => d.Kind == BlockDeviceKind.Disk && !d.IsRemovable).Select(d => ToDisk(d, facts))],
            Volumes = [.. facts.Mounts.Where(m => m.Class != MountClass.Pseudo).Select(ToVolume)],
            VolumeGroups = [.. facts.VolumeGroups.Select(ToGroup)],
            Swaps =
            [
                .. facts.Swaps.Select(s => new P2VSwap
                {
                    Name = s.Path.Plain(),
                    IsFile = s.IsFile,
                    CapacityGB = Sizes.ToGB(s.SizeBytes),
                }),
            ],
            NetworkAdapters = [.. facts.Network.Adapters.Select(ToAdapter)],
            Kernels = [.. facts.Kernels.Select(k => ToKernel(k, facts))],
            ReadAt = facts.ReadAt,
        };
    }

    private static P2VDisk ToDisk(BlockDeviceFacts disk, SourceFacts facts) =>
        new()
        {
            Name = disk.Name.Plain(),
            Path = disk.Path.Plain(),
            CapacityGB = Sizes.ToGB(disk.SizeBytes),
            Model = disk.Model.PlainOrNull(),
            PartitionTable = disk.PartitionTable.ToString(),
            PartitionCount = facts.BlockDevices.Count(p => p.Kind == BlockDeviceKind.Partition && p.Parents.Contains(disk.Name)),
        };

    private static P2VVolume ToVolume(MountFacts mount) =>
        new()
        {
            Name = mount.MountPoint.Plain(),
            Device = mount.Device.Plain(),
            FileSystem = mount.FileSystem.Plain(),
            CapacityGB = Sizes.ToGB(mount.SizeBytes),
            UsedGB = Sizes.ToGB(mount.UsedBytes),
            UsedInodes = mount.UsedInodes,
            CanConvert = mount.Class == MountClass.Volume && mount.Specification is not null,
            Class = mount.Class.ToString(),
        };

    private static P2VVolumeGroup ToGroup(VolumeGroupFacts group) =>
        new()
        {
            Name = group.Name.Plain(),
            CapacityGB = Sizes.ToGB(group.SizeBytes),
            FreeGB = Sizes.ToGB(group.FreeBytes),
            PhysicalVolumes = group.PhysicalVolumes.Plain(),
            LogicalVolumes = group.LogicalVolumes.Select(v => v.Name).Plain(),
        };

    private static P2VNetworkAdapter ToAdapter(NetworkAdapterFacts adapter) =>
        new()
        {
            Name = adapter.Name.Plain(),
            MacAddress = adapter.MacAddress.Plain(),
            IsPhysical = adapter.IsPhysical,
            IsUp = adapter.IsUp,
            Driver = adapter.Driver.PlainOrNull(),
            IPAddress = adapter.Addresses.Plain(),
        };

    private static P2VKernel ToKernel(KernelFacts kernel, SourceFacts facts) =>
        new()
        {
            Name = kernel.Version.Plain(),
            IsRunning = kernel.Version == facts.OperatingSystem.RunningKernel,
            HasInitramfs = kernel.InitramfsPath is not null,
            Drivers = kernel.Drivers.Plain(),
        };
}
