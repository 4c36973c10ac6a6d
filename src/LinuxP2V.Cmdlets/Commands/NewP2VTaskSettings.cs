using System.Globalization;
using System.Management.Automation;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

public sealed partial class NewP2VTaskCommand
{
    private TaskSettings ReadSettings() => new()
    {
        Name = Name,
        NumCpu = NumCpu,
        MemoryBytes = MemoryGB is { } memory ? Sizes.FromGB(memory) : null,
        DiskFormat = Names.Same<DiskFormat>(DiskStorageFormat),
        DiskController = Names.SameOrNull<DiskController>(DiskController),
        AdapterKind = Names.SameOrNull<AdapterKind>(NetworkAdapterType),
        NetworkNames = NetworkName,
        ExcludeVolumes = ExcludeVolume,
        ExcludePaths = ExcludePath,
        VolumeSizes = ReadVolumeSizes(),
        LvmMode = Names.Same<LvmMode>(LvmMode),
        HelperNetwork = new HelperNetwork
        {
            Addresses = HelperIPAddress,
            Gateways = HelperGateway,
            DnsServers = HelperDns,
            Mtu = HelperMtu,
        },
        SkipReconfiguration = SkipReconfiguration,
        PowerOn = PowerOn,
        Placement = new PlacementSettings
        {
            VMHost = VMHost,
            Datastore = Datastore,
            ResourcePool = ResourcePool,
            InventoryLocation = InventoryLocation,
        },
        Notes = Notes,
    };

    private Dictionary<string, long> ReadVolumeSizes()
    {
        var sizes = new Dictionary<string, long>();
        foreach (var key in VolumeSize?.Keys ?? Array.Empty<string>())
        {
            var value = VolumeSize![key];
            if (!LanguagePrimitives.TryConvertTo<decimal>(value, CultureInfo.InvariantCulture, out var gigabytes) || gigabytes <= 0)
            {
                throw new P2VException(
                    ErrorIds.PlanNotPossible,
                    string.Format(CultureInfo.InvariantCulture, "-VolumeSize for {0} is '{1}', which is no size.", key, value),
                    "Give each mount point its new size in GB, such as -VolumeSize @{ '/' = 40; '/var' = 12.5 }.",
                    VolumeSize);
            }

            sizes[key.ToString()!] = Sizes.FromGB(gigabytes);
        }

        return sizes;
    }
}
