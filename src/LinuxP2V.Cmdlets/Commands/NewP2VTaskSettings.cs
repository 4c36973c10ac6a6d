using System.Globalization;
using System.Management.Automation;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

public sealed partial class NewP2VTaskCommand
{
    private List<P2VInventoryItem> Places =>
        [.. new[] { VMHost, Datastore, ResourcePool, InventoryLocation, Location }.OfType<P2VInventoryItem>(), .. NetworkName];

    private TaskSettings ReadSettings() =>
        new()
        {
            Name = Name,
            NumCpu = NumCpu,
            MemoryBytes = MemoryGB is { } memory ? Sizes.FromGB(memory) : null,
            DiskFormat = EnumMapper.Map<DiskFormat>(DiskStorageFormat),
            DiskController = EnumMapper.MapOrNull<DiskController>(DiskController),
            AdapterKind = EnumMapper.MapOrNull<AdapterKind>(NetworkAdapterType),
            NetworkNames = [.. NetworkName.Select(network => network.Reference)],
            ExcludeVolumes = ExcludeVolume,
            IncludeVolumes = IncludeVolume,
            ExcludePaths = ExcludePath,
            VolumeSizes = ReadVolumeSizes(),
            LvmMode = EnumMapper.Map<LvmMode>(LvmMode),
            HelperNetwork = new HelperNetwork
            {
                Addresses = HelperIPAddress,
                Gateways = HelperGateway,
                DnsServers = HelperDns,
                Mtu = HelperMtu,
            },
            Copy = new CopyOptions
            {
                StreamCount = StreamCount,
                Compression = EnumMapper.Map<CopyCompression>(Compression),
                BandwidthLimitMbps = BandwidthLimitMbps > 0 ? BandwidthLimitMbps : null,
                LowImpact = LowImpact,
                Snapshot = Snapshot,
                Mode = EnumMapper.Map<CopyMode>(CopyMode),
                AllowUnreadable = AllowUnreadable,
            },
            SkipReconfiguration = SkipReconfiguration,
            AllowUnattended = AllowUnattended,
            PowerOn = PowerOn,
            Placement = ReadPlacement(),
            Notes = Notes,
            HardwareVersion = HardwareVersion,
        };

    private PlacementSettings ReadPlacement()
    {
        // A text is a folder, as New-VM takes it; an object says what it is.
        var isHost = Location?.Type is "HostSystem" or "ClusterComputeResource";
        var isPool = Location?.Type is "ResourcePool" or "VirtualApp";
        return new PlacementSettings
        {
            VMHost = Either(VMHost, nameof(VMHost), isHost),
            Datastore = Datastore?.Reference,
            ResourcePool = Either(ResourcePool, nameof(ResourcePool), isPool),
            InventoryLocation = Either(InventoryLocation, nameof(InventoryLocation), !isHost && !isPool),
        };
    }

    private string? Either(P2VInventoryItem? item, string parameter, bool isLocation) =>
        (item, Location) switch
        {
            (_, null) => item?.Reference,
            ({ } one, { } other) when isLocation => throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"-Location {other} and -{parameter} {one} both say the same thing.",
                $"Leave out -Location or -{parameter}.",
                other
            ),
            _ => isLocation ? Location.Reference : item?.Reference,
        };

    private Dictionary<string, long> ReadVolumeSizes()
    {
        var sizes = new Dictionary<string, long>();
        foreach (var key in VolumeSize?.Keys ?? Array.Empty<string>())
        {
            var value = VolumeSize![key];
            if (
                !LanguagePrimitives.TryConvertTo<decimal>(value, CultureInfo.InvariantCulture, out var gigabytes)
                || gigabytes <= 0
                || gigabytes > Sizes.LargestGB
            )
            {
                throw new P2VException(
                    ErrorIds.PlanNotPossible,
                    string.Format(CultureInfo.InvariantCulture, "-VolumeSize for {0} is '{1}', which is no size.", key, value),
                    "Give each mount point its new size in GB, such as -VolumeSize @{ '/' = 40; '/var' = 12.5 }.",
                    VolumeSize
                );
            }

            sizes[key.ToString()!] = Sizes.FromGB(gigabytes);
        }

        return sizes;
    }
}
