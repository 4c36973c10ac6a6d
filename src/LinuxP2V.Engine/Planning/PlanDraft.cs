using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>A plan as far as it goes, and all that was met on the way. With errors among the findings there is no plan.</summary>
internal sealed class PlanDraft
{
    /// <summary>vSphere's largest virtual disk.</summary>
    private const long LargestDisk = 62 * ByteSize.TiB;

    private readonly PlanInput input;
    private readonly PlanFindings findings;
    private VolumeSelection? selection;
    private StoragePlan? storage;
    private IReadOnlyList<DiskAddress> addresses = [];
    private IReadOnlyList<NetworkAdapterFacts> adapters = [];
    private IReadOnlyList<InterfaceAddresses> guestAddresses = [];
    private MachineSpecification? machine;

    private PlanDraft(PlanInput input)
    {
        this.input = input;
        findings = new PlanFindings(input.Host);
    }

    public PlanFindings Findings => findings;

    public static PlanDraft Make(PlanInput input)
    {
        var draft = new PlanDraft(input);
        draft.Run();
        return draft;
    }

    /// <summary>Only where no finding is an error.</summary>
    public ConversionPlan ToPlan() =>
        new()
        {
            Machine = machine!,
            Layout = new TargetLayout
            {
                Firmware = input.Facts.Hardware.Firmware,
                Disks = [.. storage!.Disks.Select(disk => ToTarget(disk, addresses[disk.Number]))],
                VolumeGroups = storage.ToTargetGroups(),
                Volumes = [.. selection!.Volumes.Select(ToTarget)],
            },
            Skipped = selection.Skipped,
            Replaced = storage.Replaced,
            Adapters = adapters,
            Addresses = guestAddresses,
        };

    private void Run()
    {
        var graph = new DeviceGraph(input.Facts);
        var ofMachine = SourceChecks.Run(input, graph);
        foreach (var finding in ofMachine)
            findings.Add(finding);

        // Of a container the volumes are another machine's.
        if (ofMachine.Any(finding => finding.Id == ErrorIds.SourceNotConvertible))
            return;

        selection = VolumeSelection.Select(input, graph, findings);
        if (selection.IsPossible && Size() && findings.Try(() => storage = StoragePlan.Create(input, graph, selection.Volumes, findings)))
            CheckDisks();

        MakeMachine();
    }

    private bool Size()
    {
        var settings = input.Settings;
        var volumes = selection!.Volumes;
        var isPossible = findings.Try(() => PathExclusion.Assign(settings.ExcludePaths, volumes, selection.Skipped));
        isPossible &= findings.Try(() => VolumeSizing.Apply(settings.VolumeSizes, volumes, selection.Skipped));
        return isPossible && findings.Try(() => BlockCopyCheck.Run(settings.Copy, volumes));
    }

    private void CheckDisks()
    {
        foreach (var disk in storage!.Disks.Where(disk => disk.Size > LargestDisk && !input.IsLocal))
        {
            var ids = selection!
                .Volumes.Where(volume => volume.Reference!.Disk == disk.Number || storage.IsOnGroupOf(volume, disk))
                .Select(volume => volume.Id)
                .ToList();
            var names = string.Join(", ", ids);
            findings.Try(() =>
                throw new P2VException(
                    ErrorIds.DiskTooLarge,
                    $"The disk of {names} would have {ByteSize.Format(disk.Size)}, with "
                        + $"{ByteSize.Format(disk.UsedBytes)} of data; a virtual disk of vSphere has "
                        + $"{ByteSize.Format(LargestDisk)} at most.",
                    $"Give {names} a smaller size with -VolumeSize, or leave it out with -ExcludeVolume.",
                    ids.FirstOrDefault() ?? input.Host
                )
            );
        }
    }

    private void MakeMachine()
    {
        var (facts, settings) = (input.Facts, input.Settings);
        var support = new DriverSupport(input);
        DiskController? controller = null;
        AdapterKind? kind = null;
        // Without any kernel that is the one thing to say.
        if (facts.Kernels.Count > 0 || settings.SkipReconfiguration)
        {
            findings.Try(() => controller = support.ChooseController(settings.DiskController));
            findings.Try(() => kind = support.ChooseAdapter(settings.AdapterKind));
        }

        findings.Try(() => HelperNetworkCheck.Require(settings.HelperNetwork));
        if (IgnoredSettings.Of(settings, input.IsLocal) is { Count: > 0 } ignored)
        {
            findings.Warn(
                ErrorIds.SettingIgnored,
                string.Join(", ", ignored),
                $"A folder of this machine has no use for {string.Join(", ", ignored)}.",
                "Leave it out, or choose a vCenter or ESXi with -Server."
            );
        }

        findings.Try(() => adapters = HardwarePlanner.SourceAdapters(facts.Network));
        IReadOnlyList<AdapterSpecification> virtualAdapters = [];
        findings.Try(() =>
            virtualAdapters = HardwarePlanner.Adapters(
                kind ?? AdapterKind.Vmxnet3,
                adapters,
                HardwarePlanner.Networks(settings, adapters),
                settings.MacAddresses
            )
        );
        findings.Try(() => guestAddresses = GuestAddressPlanner.Plan(facts.Network, settings, findings));
        if (controller is { } chosen && storage is not null)
            findings.Try(() => addresses = DiskAddresses.Assign(chosen, storage.Disks.Count, input.IsLocal));

        findings.Try(() => HardwarePlanner.CheckAttributes(settings.CustomAttributes));
        findings.Try(() => GuestNames.Check(settings));
        findings.Try(() => HookCheck.Require(settings, findings));
        findings.Try(() =>
            HardwarePlanner.CheckTpm(settings.VirtualTpm && !input.IsLocal, facts.Hardware.Firmware, settings.HardwareVersion)
        );
        findings.Try(() =>
        {
            var cpuCount = HardwarePlanner.CpuCount(settings.NumCpu, facts.Hardware);
            machine = new MachineSpecification
            {
                Name = HardwarePlanner.Name(settings.Name, facts.HostName),
                Firmware = facts.Hardware.Firmware,
                // QEMU would need firmware with enrolled keys and system management mode; the copy boots without as well.
                SecureBoot = facts.Hardware.SecureBoot == true && !input.IsLocal,
                NumCpu = cpuCount,
                CoresPerSocket = HardwarePlanner.CoresPerSocket(settings.CoresPerSocket, cpuCount, facts.Hardware),
                MemoryBytes = HardwarePlanner.Memory(settings.MemoryBytes, facts.Hardware),
                Disks = findings.HasErrors
                    ? []
                    :
                    [
                        .. storage!.Disks.Select(disk => new DiskSpecification(disk.Size, addresses[disk.Number], settings.DiskFormat)
                        {
                            UsedBytes = disk.UsedBytes,
                        }),
                    ],
                Adapters = virtualAdapters,
                StartDisconnected = settings.StartDisconnected,
                CustomAttributes = settings.CustomAttributes,
                Tags = settings.Tags,
                StoragePolicy = settings.StoragePolicy,
                VirtualTpm = settings.VirtualTpm && !input.IsLocal,
                OperatingSystemId = facts.OperatingSystem.Id,
                OperatingSystemVersion = facts.OperatingSystem.VersionId,
                Notes = settings.Notes,
                SourceName = facts.HostName,
                HardwareVersion = settings.HardwareVersion,
                Placement = settings.Placement,
            };
        });
    }

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
            MountOptions = BtrfsSubvolumes.MountOptions(volume),
            Subvolume = volume.Subvolume,
            SourceDevice = volume.SourceDevice,
            UsedBytes = volume.UsedBytes,
            UsedInodes = volume.Mount?.UsedInodes ?? 0,
            ExcludedPaths = volume.ExcludedPaths,
        };
}
