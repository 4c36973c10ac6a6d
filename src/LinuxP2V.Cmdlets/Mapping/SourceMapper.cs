using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Ssh;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The engine's facts as the object that users see.</summary>
internal static class SourceMapper
{
    public static P2VSource ToObject(DiscoveredSource source)
    {
        var facts = source.Facts;
        return new P2VSource(new SourceReading(source))
        {
            Name = facts.HostName,
            ComputerName = source.Endpoint.Host,
            Port = source.Endpoint.Port,
            User = source.Endpoint.User,
            Elevation = source.Endpoint.Elevation.ToString(),
            IsRoot = facts.IsRoot,
            HostKeyFingerprint = [.. source.Endpoint.HostKeys.Select(HostKey.FingerprintOf)],
            OperatingSystem = facts.OperatingSystem.PrettyName,
            Kernel = facts.OperatingSystem.RunningKernel,
            Architecture = facts.OperatingSystem.Architecture,
            Firmware = facts.Hardware.Firmware.ToString(),
            SecureBoot = facts.Hardware.SecureBoot,
            NumCpu = facts.Hardware.CpuCount,
            CpuModel = facts.Hardware.CpuModel,
            MemoryGB = Sizes.ToGB(facts.Hardware.MemoryBytes),
            Manufacturer = facts.Hardware.Manufacturer,
            Model = facts.Hardware.Product,
            BootLoader = facts.Boot.Loader,
            InitramfsTool = facts.Boot.InitramfsTool,
            SELinux = facts.SELinux,
            Databases = [.. facts.RunningDatabases],
            Disks = [.. facts.BlockDevices.Where(d => d.Kind == BlockDeviceKind.Disk && !d.IsRemovable).Select(d => ToDisk(d, facts))],
            Volumes = [.. facts.Mounts.Where(m => m.Class != MountClass.Pseudo).Select(ToVolume)],
            VolumeGroups = [.. facts.VolumeGroups.Select(ToGroup)],
            Swaps =
            [
                .. facts.Swaps.Select(s => new P2VSwap
                {
                    Name = s.Path,
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
            Name = disk.Name,
            Path = disk.Path,
            CapacityGB = Sizes.ToGB(disk.SizeBytes),
            Model = disk.Model,
            PartitionTable = disk.PartitionTable.ToString(),
            PartitionCount = facts.BlockDevices.Count(p => p.Kind == BlockDeviceKind.Partition && p.Parents.Contains(disk.Name)),
        };

    private static P2VVolume ToVolume(MountFacts mount) =>
        new()
        {
            Name = mount.MountPoint,
            Device = mount.Device,
            FileSystem = mount.FileSystem,
            CapacityGB = Sizes.ToGB(mount.SizeBytes),
            UsedGB = Sizes.ToGB(mount.UsedBytes),
            UsedInodes = mount.UsedInodes,
            CanConvert = mount.Class == MountClass.Volume && mount.Specification is not null,
            Class = mount.Class.ToString(),
        };

    private static P2VVolumeGroup ToGroup(VolumeGroupFacts group) =>
        new()
        {
            Name = group.Name,
            CapacityGB = Sizes.ToGB(group.SizeBytes),
            FreeGB = Sizes.ToGB(group.FreeBytes),
            PhysicalVolumes = [.. group.PhysicalVolumes],
            LogicalVolumes = [.. group.LogicalVolumes.Select(v => v.Name)],
        };

    private static P2VNetworkAdapter ToAdapter(NetworkAdapterFacts adapter) =>
        new()
        {
            Name = adapter.Name,
            MacAddress = adapter.MacAddress,
            IsPhysical = adapter.IsPhysical,
            IsUp = adapter.IsUp,
            Driver = adapter.Driver,
            IPAddress = [.. adapter.Addresses],
        };

    private static P2VKernel ToKernel(KernelFacts kernel, SourceFacts facts) =>
        new()
        {
            Name = kernel.Version,
            IsRunning = kernel.Version == facts.OperatingSystem.RunningKernel,
            HasInitramfs = kernel.InitramfsPath is not null,
            Drivers = [.. kernel.Drivers],
        };
}
