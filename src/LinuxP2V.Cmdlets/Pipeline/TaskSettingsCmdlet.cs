using System.Collections;
using System.Globalization;
using System.Management.Automation;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that takes what a conversion shall be. What is not given stays as it was.</summary>
public abstract class TaskSettingsCmdlet : P2VCmdlet
{
    private HashSet<string> onCommandLine = [];

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    public string? Name { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ServerTransformation]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public P2VServer? Server { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(int))]
    [OptionalRange(1, 768)]
    public int? NumCpu { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(int))]
    [OptionalRange(0, 768)]
    public int? CoresPerSocket { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(decimal))]
    [OptionalRange(0.125, 24576, Unit = "GB")]
    public decimal? MemoryGB { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(P2VDiskStorageFormat))]
    public P2VDiskStorageFormat? DiskStorageFormat { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(P2VDiskController))]
    public P2VDiskController? DiskController { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("AdapterType")]
    [CellTransformation(typeof(P2VNetworkAdapterType))]
    public P2VNetworkAdapterType? NetworkAdapterType { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Portgroup")]
    [NetworkTransformation]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [SupportsWildcards]
    public P2VInventoryItem[] NetworkName { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NetworkTableTransformation]
    [ArgumentCompleter(typeof(NoCompleter))]
    public Hashtable? NetworkMapping { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [ArgumentCompleter(typeof(MacAddressCompleter))]
    public string[] MacAddress { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter StartDisconnected { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [ArgumentCompleter(typeof(MountPointCompleter))]
    public string[] ExcludeVolume { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [ArgumentCompleter(typeof(MountPointCompleter))]
    public string[] IncludeVolume { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [OptionalPattern("^/.", "a path on the source, from its root: /var/cache")]
    [ArgumentCompleter(typeof(MountPointCompleter))]
    public string[] ExcludePath { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TableCellTransformation(Example = "/=40;/var=12.5", NamesMayHaveEquals = true)]
    public Hashtable? VolumeSize { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(P2VLvmMode))]
    public P2VLvmMode? LvmMode { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [OptionalPattern("^[0-9A-F.:]+/[0-9]{1,3}$", "an address with its prefix length: 192.0.2.9/24")]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string[] HelperIPAddress { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [OptionalPattern("^[0-9A-F.:]+$", "an IP address")]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string[] HelperGateway { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [OptionalPattern("^[0-9A-F.:]+$", "an IP address")]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string[] HelperDns { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(int))]
    [OptionalRange(576, 9000)]
    public int? HelperMtu { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(int))]
    [OptionalRange(1, 16)]
    public int? StreamCount { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(P2VCompression))]
    public P2VCompression? Compression { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(double))]
    [ValidateBandwidth]
    public double? BandwidthLimitMbps { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter LowImpact { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter Snapshot { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(P2VCopyMode))]
    public P2VCopyMode? CopyMode { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter AllowUnreadable { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(P2VIdentity))]
    public P2VIdentity? Identity { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string? GuestHostName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowColumn("GuestIPAddress")]
    [TableCellTransformation(Example = "eth0=192.0.2.10/24;eth1=dhcp")]
    [ArgumentCompleter(typeof(NoCompleter))]
    public Hashtable? IPAddress { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowColumn("GuestGateway")]
    [ListCellTransformation]
    [OptionalPattern("^[0-9A-F.:]+$", "an IP address")]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string[] Gateway { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowColumn("GuestDnsServer")]
    [ListCellTransformation]
    [OptionalPattern("^[0-9A-F.:]+$", "an IP address")]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string[] DnsServer { get; set; } = [];

    [Parameter]
    [HookTransformation]
    public P2VHook[] Hook { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter SkipReconfiguration { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter AllowUnattended { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter PowerOn { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [HostTransformation]
    [ArgumentCompleter(typeof(HostCompleter))]
    [SupportsWildcards]
    public P2VInventoryItem? VMHost { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [DatastoreTransformation]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    [SupportsWildcards]
    public P2VInventoryItem? Datastore { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [DatastoreTransformation]
    [ArgumentCompleter(typeof(DatastoreCompleter))]
    [SupportsWildcards]
    public P2VInventoryItem? HelperImageDatastore { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string? HelperImageItem { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PoolTransformation]
    [ArgumentCompleter(typeof(PoolCompleter))]
    [SupportsWildcards]
    public P2VInventoryItem? ResourcePool { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [FolderTransformation]
    [ArgumentCompleter(typeof(FolderCompleter))]
    [SupportsWildcards]
    public P2VInventoryItem? InventoryLocation { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [LocationTransformation]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [SupportsWildcards]
    public P2VInventoryItem? Location { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    [OptionalPattern("^vmx-[0-9]{1,3}$", "a hardware version such as vmx-19")]
    [ArgumentCompleter(typeof(HardwareVersionCompleter))]
    public string? HardwareVersion { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TableCellTransformation(Example = "Owner=Ann;Site=Bonn")]
    public Hashtable? CustomAttribute { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string[] Tag { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string? StoragePolicy { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter VirtualTpm { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Notes { get; set; }

    private protected List<P2VInventoryItem> Places =>
        [
            .. new[] { VMHost, Datastore, HelperImageDatastore, ResourcePool, InventoryLocation, Location }.OfType<P2VInventoryItem>(),
            .. NetworkName ?? [],
            .. (NetworkMapping ?? []).Values.OfType<P2VInventoryItem>(),
        ];

    /// <summary>Whether an empty value on the command line takes away what was there, and is no mistake.</summary>
    private protected virtual bool CanClear => false;

    /// <summary>The parameters on the command line, which count for all objects of the pipeline.</summary>
    private protected IReadOnlyCollection<string> OnCommandLine => onCommandLine;

    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        var bound = OnPipeline(() => new Dictionary<string, object>(MyInvocation.BoundParameters));
        if (!CanClear)
            GivenValues.ThrowIfEmpty(this, bound);

        onCommandLine = [.. bound.Keys];
        return Task.CompletedTask;
    }

    /// <summary>
    /// PowerShell also fills parameters from the properties of the object in the pipeline. Those that only repeat the object are
    /// taken back: they are rounded, or say what the source is and not what the VM shall be.
    /// </summary>
    /// <param name="piped">One of our objects.</param>
    /// <returns>Names of the parameters that say something else than the object.</returns>
    private protected HashSet<string> TakeBackWhatRepeats(object piped)
    {
        var bound = OnPipeline(() => MyInvocation.BoundParameters.Keys.ToList());
        var different = new HashSet<string>();
        foreach (var parameter in RowBinder.ParametersOf(GetType()).Where(parameter => !onCommandLine.Contains(parameter.Name)))
        {
            if (!bound.Contains(parameter.Name))
                continue;

            if (
                piped.GetType().GetProperty(parameter.Name) is { } property
                && Text(property.GetValue(piped)) == Text(parameter.GetValue(this))
            )
                parameter.SetValue(this, null);
            else if (parameter.GetValue(this) is not (null or Array { Length: 0 }))
                different.Add(parameter.Name);
        }

        return different;

        static string Text(object? value) =>
            value is IEnumerable list and not string
                ? string.Join("\n", list.Cast<object?>())
                : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>A mistake is told where it is made, and again by Test-P2VTask.</summary>
    private protected void WarnOfIgnoredSettings(ConversionTask task)
    {
        foreach (
            var finding in Engine
                .Inspect(task.Facts, task.Settings, task.Destination)
                .Where(finding => finding.Id == ErrorIds.SettingIgnored)
        )
            WriteWarning($"{task.Name}: {finding.What} {finding.Remedy}");
    }

    /// <param name="basis">What holds for all that is not given.</param>
    /// <param name="alsoGiven">Names of parameters that were filled in another way than on the command line.</param>
    private protected TaskSettings ReadSettings(TaskSettings basis, IReadOnlyCollection<string> alsoGiven)
    {
        bool IsOn(string name, SwitchParameter value, bool before) =>
            value.IsPresent || (!onCommandLine.Contains(name) && !alsoGiven.Contains(name) && before);

        bool IsCleared(string name) => CanClear && onCommandLine.Contains(name);

        T? Or<T>(string name, T? value, T? before) => value is not null || IsCleared(name) ? value : before;

        T Default<T>(string name, T? value, Func<TaskSettings, T> of)
            where T : struct => value ?? of(IsCleared(name) ? new TaskSettings() : basis);

        T[] List<T>(string name, T[]? value, IReadOnlyList<T> before) =>
            value is { Length: > 0 } || onCommandLine.Contains(name) ? value ?? [] : [.. before];

        return basis with
        {
            Name = Or(nameof(Name), Name, basis.Name),
            NumCpu = Or(nameof(NumCpu), NumCpu, basis.NumCpu),
            CoresPerSocket = Or(nameof(CoresPerSocket), CoresPerSocket, basis.CoresPerSocket),
            MemoryBytes = Or(nameof(MemoryGB), MemoryGB is { } memory ? Sizes.FromGB(memory) : (long?)null, basis.MemoryBytes),
            DiskFormat = Default(nameof(DiskStorageFormat), EnumMapper.MapOrNull<DiskFormat>(DiskStorageFormat), from => from.DiskFormat),
            DiskController = Or(nameof(DiskController), EnumMapper.MapOrNull<DiskController>(DiskController), basis.DiskController),
            AdapterKind = Or(nameof(NetworkAdapterType), EnumMapper.MapOrNull<AdapterKind>(NetworkAdapterType), basis.AdapterKind),
            // The one takes the place of the other; both at once are refused.
            NetworkNames =
                NetworkMapping is { Count: > 0 } && NetworkName is null or []
                    ? []
                    : List(nameof(NetworkName), [.. (NetworkName ?? []).Select(network => network.Reference)], basis.NetworkNames),
            NetworkMappings =
                NetworkMapping is { } mapping ? GuestTables.ReadNetworks(mapping)
                : NetworkName is { Length: > 0 } || IsCleared(nameof(NetworkMapping)) ? new Dictionary<string, string>()
                : basis.NetworkMappings,
            MacAddresses = List(nameof(MacAddress), MacAddress, basis.MacAddresses),
            StartDisconnected = IsOn(nameof(StartDisconnected), StartDisconnected, basis.StartDisconnected),
            ExcludeVolumes = List(nameof(ExcludeVolume), ExcludeVolume, basis.ExcludeVolumes),
            IncludeVolumes = List(nameof(IncludeVolume), IncludeVolume, basis.IncludeVolumes),
            ExcludePaths = List(nameof(ExcludePath), ExcludePath, basis.ExcludePaths),
            VolumeSizes =
                VolumeSize is { } sizes ? ReadVolumeSizes(sizes)
                : IsCleared(nameof(VolumeSize)) ? new Dictionary<string, long>()
                : basis.VolumeSizes,
            LvmMode = Default(nameof(LvmMode), EnumMapper.MapOrNull<LvmMode>(LvmMode), from => from.LvmMode),
            HelperNetwork = new HelperNetwork
            {
                Addresses = List(nameof(HelperIPAddress), HelperIPAddress, basis.HelperNetwork.Addresses),
                Gateways = List(nameof(HelperGateway), HelperGateway, basis.HelperNetwork.Gateways),
                DnsServers = List(nameof(HelperDns), HelperDns, basis.HelperNetwork.DnsServers),
                Mtu = Or(nameof(HelperMtu), HelperMtu, basis.HelperNetwork.Mtu),
            },
            Copy = basis.Copy with
            {
                StreamCount = Or(nameof(StreamCount), StreamCount, basis.Copy.StreamCount),
                Compression = Default(
                    nameof(Compression),
                    EnumMapper.MapOrNull<CopyCompression>(Compression),
                    from => from.Copy.Compression
                ),
                BandwidthLimitMbps = Or(nameof(BandwidthLimitMbps), BandwidthLimitMbps, basis.Copy.BandwidthLimitMbps) is > 0 and var limit
                    ? limit
                    : null,
                LowImpact = IsOn(nameof(LowImpact), LowImpact, basis.Copy.LowImpact),
                Snapshot = IsOn(nameof(Snapshot), Snapshot, basis.Copy.Snapshot),
                Mode = Default(nameof(CopyMode), EnumMapper.MapOrNull<CopyMode>(CopyMode), from => from.Copy.Mode),
                AllowUnreadable = IsOn(nameof(AllowUnreadable), AllowUnreadable, basis.Copy.AllowUnreadable),
            },
            NewIdentity = Default(
                nameof(Identity),
                Identity is { } identity ? identity == P2VIdentity.New : (bool?)null,
                from => from.NewIdentity
            ),
            GuestHostName = Or(nameof(GuestHostName), GuestHostName, basis.GuestHostName),
            GuestNetwork = new GuestNetwork
            {
                Addresses =
                    IPAddress is { } addresses ? GuestTables.ReadAddresses(addresses)
                    : IsCleared(nameof(IPAddress)) ? new Dictionary<string, IReadOnlyList<string>>()
                    : basis.GuestNetwork.Addresses,
                Gateways = List(nameof(Gateway), Gateway, basis.GuestNetwork.Gateways),
                DnsServers = List(nameof(DnsServer), DnsServer, basis.GuestNetwork.DnsServers),
            },
            Hooks = List(nameof(Hook), [.. (Hook ?? []).Select(HookMapper.ToEngine)], basis.Hooks),
            SkipReconfiguration = IsOn(nameof(SkipReconfiguration), SkipReconfiguration, basis.SkipReconfiguration),
            AllowUnattended = IsOn(nameof(AllowUnattended), AllowUnattended, basis.AllowUnattended),
            PowerOn = IsOn(nameof(PowerOn), PowerOn, basis.PowerOn),
            Placement = ReadPlacement(basis.Placement),
            Notes = Or(nameof(Notes), Notes, basis.Notes),
            Tags = List(nameof(Tag), Tag, basis.Tags),
            StoragePolicy = Or(nameof(StoragePolicy), StoragePolicy, basis.StoragePolicy),
            VirtualTpm = IsOn(nameof(VirtualTpm), VirtualTpm, basis.VirtualTpm),
            CustomAttributes =
                CustomAttribute is { } attributes ? ReadAttributes(attributes)
                : IsCleared(nameof(CustomAttribute)) ? new Dictionary<string, string>()
                : basis.CustomAttributes,
            HardwareVersion = Or(nameof(HardwareVersion), HardwareVersion, basis.HardwareVersion),
        };
    }

    private PlacementSettings ReadPlacement(PlacementSettings basis)
    {
        // A text is a folder, as New-VM takes it; an object says what it is.
        var isHost = Location?.Type is "HostSystem" or "ClusterComputeResource";
        var isPool = Location?.Type is "ResourcePool" or "VirtualApp";
        return basis with
        {
            VMHost = Or(nameof(VMHost), Either(VMHost, nameof(VMHost), isHost), basis.VMHost),
            Datastore = Or(nameof(Datastore), Datastore?.Reference, basis.Datastore),
            HelperImageDatastore = Or(nameof(HelperImageDatastore), HelperImageDatastore?.Reference, basis.HelperImageDatastore),
            HelperImageItem = Or(nameof(HelperImageItem), HelperImageItem is { Length: > 0 } item ? item : null, basis.HelperImageItem),
            ResourcePool = Or(nameof(ResourcePool), Either(ResourcePool, nameof(ResourcePool), isPool), basis.ResourcePool),
            InventoryLocation = Or(
                nameof(InventoryLocation),
                Either(InventoryLocation, nameof(InventoryLocation), !isHost && !isPool),
                basis.InventoryLocation
            ),
        };

        string? Or(string name, string? value, string? before) =>
            value is not null || (CanClear && onCommandLine.Contains(name)) ? value : before;
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

    private static Dictionary<string, long> ReadVolumeSizes(Hashtable table)
    {
        var sizes = new Dictionary<string, long>();
        foreach (var key in table.Keys)
        {
            var value = table[key];
            if (
                (value is string text && text.Contains(','))
                || !LanguagePrimitives.TryConvertTo<decimal>(value, CultureInfo.InvariantCulture, out var gigabytes)
                || gigabytes <= 0
                || gigabytes > Sizes.LargestGB
            )
            {
                throw new P2VException(
                    ErrorIds.PlanNotPossible,
                    string.Format(CultureInfo.InvariantCulture, "-VolumeSize for {0} is '{1}', which is no size.", key, value),
                    "Give each mount point its new size in GB, such as -VolumeSize @{ '/' = 40; '/var' = 12.5 }.",
                    table
                );
            }

            sizes[key.ToString()!] = Sizes.FromGB(gigabytes);
        }

        return sizes;
    }

    private static Dictionary<string, string> ReadAttributes(Hashtable table)
    {
        var attributes = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in table)
        {
            var (name, value) = (Text(entry.Key), entry.Value.Unwrapped());
            var mistake =
                attributes.ContainsKey(name) ? "two values"
                : value is null ? "no value"
                : value is IEnumerable and not string ? "a list"
                : null;
            if (mistake is not null)
                throw new P2VException(
                    ErrorIds.PlanNotPossible,
                    $"-CustomAttribute has {mistake} for {name}.",
                    "Give each name one text, such as -CustomAttribute @{ Owner = 'Ann' }; '' takes the value away.",
                    table
                );

            attributes[name] = Text(value!);
        }

        return attributes;

        static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }
}
