using System.Text.Json;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Engine.Tests.Tasks.SampleSources;
using static LinuxP2V.Engine.Tests.Tasks.SourceFactsBuilder;

namespace LinuxP2V.Engine.Tests.Tasks;

public class HardwarePlanTests
{
    [Theory]
    [InlineData("vmx-13", true)]
    [InlineData("vmx-14", false)]
    [InlineData(null, false)]
    public void A_TPM_needs_hardware_that_is_new_enough(string? version, bool isTooOld)
    {
        var settings = new TaskSettings { VirtualTpm = true, HardwareVersion = version };
        if (!isTooOld)
        {
            Assert.True(Plan(UefiPlain(), settings).Plan.Machine.VirtualTpm);
            return;
        }

        var failure = PlanFailure(UefiPlain(), settings);
        Assert.Equal(ErrorIds.PlanNotPossible, failure.Id);
        Assert.Contains("vmx-14", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_helper_image_that_is_there_is_not_sent_elsewhere()
    {
        var placement = new PlacementSettings { HelperImageDatastore = "ds1", HelperImageItem = "Boot/helper" };
        var failure = PlanFailure(TwoDiskLvm(), new TaskSettings { Placement = placement });
        Assert.Equal(ErrorIds.PlanNotPossible, failure.Id);
        Assert.Contains("Boot/helper", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_VM_is_as_the_source()
    {
        var machine = Plan(TwoDiskLvm()).Plan.Machine;
        Assert.Equal(("web01", 2, 2064 * MiB), (machine.Name, machine.NumCpu, machine.MemoryBytes));
        Assert.Equal(("debian", "12"), (machine.OperatingSystemId, machine.OperatingSystemVersion));
        Assert.Equal(AdapterKind.Vmxnet3, Assert.Single(machine.Adapters).Kind);
    }

    [Fact]
    public void Small_and_huge_sources_get_what_a_VM_can_have()
    {
        var source = TwoDiskLvm();
        source.MemoryBytes = 500 * MiB;
        source.CpuCount = 256;
        var machine = Plan(source).Plan.Machine;
        Assert.Equal((64, GiB), (machine.NumCpu, machine.MemoryBytes));
        Assert.Equal(800 * MiB, Plan(source, new TaskSettings { MemoryBytes = (800 * MiB) - 1 }).Plan.Machine.MemoryBytes);
        Assert.Equal(ErrorIds.HelperMemoryTooSmall, PlanFailure(source, new TaskSettings { MemoryBytes = 512 * MiB }).Id);
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(source, new TaskSettings { NumCpu = 0 }).Id);
    }

    [Theory]
    [InlineData(2, 8, null, null, 4)]
    [InlineData(2, 8, 6, null, 3)]
    [InlineData(2, 8, 3, null, null)]
    [InlineData(null, 8, null, null, null)]
    [InlineData(2, 8, 6, 2, 2)]
    [InlineData(1, 256, null, null, 64)]
    [InlineData(1, 8, 96, null, null)]
    [InlineData(4, 4, null, null, null)]
    [InlineData(2, 8, null, 0, null)]
    public void Cores_follow_the_source_s_sockets(int? sockets, int processors, int? asked, int? askedCores, int? cores)
    {
        var source = TwoDiskLvm();
        (source.SocketCount, source.CpuCount) = (sockets, processors);
        var settings = new TaskSettings { NumCpu = asked, CoresPerSocket = askedCores };
        Assert.Equal(cores, Plan(source, settings).Plan.Machine.CoresPerSocket);
    }

    [Fact]
    public void A_TPM_needs_UEFI()
    {
        var failure = PlanFailure(TwoDiskLvm(), new TaskSettings { VirtualTpm = true });
        Assert.Equal(ErrorIds.PlanNotPossible, failure.Id);
        Assert.Contains("TPM", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    public void Cores_that_do_not_divide_the_processors_are_refused(int cores) =>
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(TwoDiskLvm(), new TaskSettings { NumCpu = 6, CoresPerSocket = cores }).Id);

    [Theory]
    [InlineData("keep", "52:54:00:12:34:56")]
    [InlineData("Generate", null)]
    [InlineData("00-50-56-AB-cd-03", "00:50:56:ab:cd:03")]
    [InlineData(null, null)]
    public void The_finished_VM_has_the_MAC_address_that_was_asked_for(string? asked, string? address)
    {
        var settings = new TaskSettings { MacAddresses = asked is null ? [] : [asked] };
        var task = Plan(TwoDiskLvm(), settings);
        Assert.Equal(address, Assert.Single(task.Plan.Machine.Adapters).MacAddress);
        var mapping = Assert.Single(ReconfigurationInput.Of(task, ["00:50:56:00:00:09"]).Adapters);
        Assert.Equal(("52:54:00:12:34:56", address ?? "00:50:56:00:00:09"), (mapping.SourceMac, mapping.TargetMac));
    }

    [Theory]
    [InlineData("00:50:56:01:02")]
    [InlineData("00:50:56:01:02:0g")]
    [InlineData("01:50:56:01:02:03")]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("00:50:56:01:02:03,00:50:56:01:02:04")]
    [InlineData("")]
    public void A_MAC_address_that_no_adapter_can_have_is_refused(string asked)
    {
        var settings = new TaskSettings { MacAddresses = asked.Split(',') };
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(TwoDiskLvm(), settings).Id);
    }

    [Fact]
    public void Two_adapters_do_not_get_one_MAC_address()
    {
        var source = TwoDiskLvm();
        source.Adapter("ens4", "52:54:00:00:00:02");
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(source, new TaskSettings { MacAddresses = ["00:50:56:00:00:01"] }).Id);
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(source, new TaskSettings { MacAddresses = ["keep", "52-54-00-12-34-56"] }).Id);
        Assert.Equal(
            ["52:54:00:12:34:56", "52:54:00:00:00:02"],
            Plan(source, new TaskSettings { MacAddresses = ["Keep"] }).Plan.Machine.Adapters.Select(adapter => adapter.MacAddress)
        );
    }

    [Theory]
    [InlineData(null, "a/b%c.example.net", "a-b-c")]
    [InlineData(null, "..", "linux")]
    [InlineData("web01.example.net", "x", "web01.example.net")]
    public void Host_names_lose_what_vSphere_or_a_folder_refuses(string? asked, string host, string name)
    {
        var source = TwoDiskLvm();
        source.HostName = host;
        Assert.Equal(name, Plan(source, new TaskSettings { Name = asked }).Name);
    }

    [Theory]
    [InlineData("my vm: 1")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("web01 ")]
    [InlineData("a\tb")]
    [InlineData("50%")]
    public void A_name_that_was_asked_for_is_refused_and_not_changed(string asked) =>
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(TwoDiskLvm(), new TaskSettings { Name = asked }).Id);

    [Theory]
    [InlineData("vmw_pvscsi,mptsas,vmxnet3", false, Firmware.Bios, DiskController.Pvscsi)]
    [InlineData("mptsas,mptspi,ahci,vmxnet3", false, Firmware.Bios, DiskController.LsiLogicSas)]
    [InlineData("mptspi,ahci,vmxnet3", false, Firmware.Bios, DiskController.LsiLogic)]
    [InlineData("mptspi,ahci,vmxnet3", true, Firmware.Bios, DiskController.Ahci)]
    [InlineData("vmw_pvscsi,nvme,ahci,vmxnet3", true, Firmware.Bios, DiskController.Pvscsi)]
    [InlineData("vmw_pvscsi,nvme,ahci,vmxnet3", true, Firmware.Uefi, DiskController.Nvme)]
    [InlineData("vmw_pvscsi,virtio_scsi,vmxnet3", true, Firmware.Uefi, DiskController.VirtioScsi)]
    public void The_controller_follows_the_running_kernel(string drivers, bool isLocal, Firmware firmware, DiskController expected)
    {
        var source = firmware == Firmware.Uefi ? UefiPlain() : TwoDiskLvm();
        var task = Plan(source.Drivers(drivers.Split(',')), destination: isLocal ? Local : VSphere);
        Assert.All(task.Plan.Machine.Disks, disk => Assert.Equal(expected, disk.Address.Controller));
    }

    [Theory]
    [InlineData("virtio_scsi,virtio_net", null, null, false, ErrorIds.NoVmDrivers)]
    [InlineData("vmw_pvscsi", null, null, false, ErrorIds.NoVmDrivers)]
    [InlineData("vmw_pvscsi,vmxnet3", DiskController.Nvme, null, false, ErrorIds.PlanNotPossible)]
    [InlineData("vmw_pvscsi,virtio_scsi,vmxnet3", DiskController.VirtioScsi, null, false, ErrorIds.PlanNotPossible)]
    [InlineData("vmw_pvscsi,vmxnet3", null, AdapterKind.E1000, true, ErrorIds.PlanNotPossible)]
    public void Hardware_without_a_driver_is_refused(
        string drivers,
        DiskController? controller,
        AdapterKind? adapter,
        bool isLocal,
        string id
    ) =>
        Assert.Equal(
            id,
            PlanFailure(
                TwoDiskLvm().Drivers(drivers.Split(',')),
                new TaskSettings { DiskController = controller, AdapterKind = adapter },
                isLocal ? Local : VSphere
            ).Id
        );

    [Theory]
    [InlineData("e1000,e1000e", AdapterKind.E1000e)]
    [InlineData("e1000", AdapterKind.E1000)]
    [InlineData("virtio_net", AdapterKind.VirtioNet)]
    public void The_adapter_follows_the_running_kernel(string drivers, AdapterKind expected) =>
        Assert.Equal(
            expected,
            Plan(TwoDiskLvm().Drivers(["vmw_pvscsi", .. drivers.Split(',')]), destination: Local).Plan.Machine.Adapters[0].Kind
        );

    [Fact]
    public void Units_leave_out_7_and_go_on_with_the_next_controller()
    {
        var source = TwoDiskLvm();
        for (var index = 0; index < 16; index++)
        {
            source
                .Disk($"sd{(char)('d' + index)}", GiB, PartitionTableKind.None, "ext4")
                .Mount($"/data{index}", $"/dev/sd{(char)('d' + index)}", FileSystemKind.Ext4, GiB, MiB);
        }

        var addresses = Plan(source).Plan.Layout.Disks.Select(disk => (disk.Address.Bus, disk.Address.Unit)).ToList();
        Assert.Equal(18, addresses.Count);
        Assert.Equal((0, 6), addresses[6]);
        Assert.Equal((0, 8), addresses[7]);
        Assert.Equal((0, 15), addresses[14]);
        Assert.Equal((1, 0), addresses[15]);
        Assert.All(
            Plan(source, new TaskSettings { DiskController = DiskController.LsiLogicSas }, Local).Plan.Layout.Disks,
            disk => Assert.InRange(disk.Address.Unit, 0, 6)
        );
    }

    [Fact]
    public void Networks_are_one_for_all_or_one_for_each()
    {
        SourceFactsBuilder Source() =>
            TwoDiskLvm().Adapter("bond0", "52:54:00:00:00:09", isPhysical: false).Adapter("ens4", "52:54:00:00:00:02");
        Assert.Equal([null, null], Networks());
        Assert.Equal(["VM Network", "VM Network"], Networks("VM Network"));
        Assert.Equal(["a", "b"], Networks("a", "b"));
        var (id, message) = PlanFailure(Source(), new TaskSettings { NetworkNames = ["a", "b", "c"] });
        Assert.Equal(ErrorIds.PlanNotPossible, id);
        Assert.Contains("3 network names", message, StringComparison.Ordinal);
        Assert.Contains("2 network adapters", message, StringComparison.Ordinal);
        Assert.Equal(["ens3", "ens4"], Plan(Source()).Plan.Adapters.Select(adapter => adapter.Name));

        IEnumerable<string?> Networks(params string[] names) =>
            Plan(Source(), new TaskSettings { NetworkNames = names }).Plan.Machine.Adapters.Select(adapter => adapter.Network);
    }

    [Fact]
    public void Foreign_architectures_and_boot_loaders_are_refused()
    {
        var source = TwoDiskLvm();
        source.Architecture = "aarch64";
        Assert.Equal(ErrorIds.ArchitectureNotSupported, PlanFailure(source).Id);
        source = TwoDiskLvm();
        source.Loader = "lilo";
        Assert.Equal(ErrorIds.BootLoaderNotSupported, PlanFailure(source).Id);
        Assert.NotNull(Plan(source, new TaskSettings { SkipReconfiguration = true }));
        source.Loader = null;
        Assert.Equal(ErrorIds.BootLoaderNotSupported, PlanFailure(source).Id);
    }

    [Fact]
    public void A_place_on_vSphere_is_refused_for_a_folder()
    {
        var (id, message) = PlanFailure(TwoDiskLvm(), new TaskSettings { Placement = new PlacementSettings { Datastore = "ds1" } }, Local);
        Assert.Equal(ErrorIds.PlanNotPossible, id);
        Assert.Contains("-Datastore ds1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_survives_JSON()
    {
        var task = Plan(
            Mirror().Adapter("ens3", "52:54:00:12:34:56"),
            new TaskSettings
            {
                DiskController = DiskController.Nvme,
                DiskFormat = DiskFormat.EagerZeroedThick,
                VolumeSizes = new Dictionary<string, long> { ["/"] = 8 * GiB },
                ExcludePaths = ["/var/cache"],
                HelperNetwork = new HelperNetwork { Addresses = ["192.0.2.9/24"] },
                Notes = "ä + \"quoted\"",
            }
        );
        var json = TaskJson.Serialize(task);
        var read = TaskJson.Deserialize(json);
        Assert.Equal(json, TaskJson.Serialize(read));
        Assert.Equal(task.Plan.Replaced, read.Plan.Replaced);
        Assert.Equal(task.Volume("/").FileSystem.Ext!.Features, read.Volume("/").FileSystem.Ext!.Features);
        Assert.Equal(8 * GiB, read.Settings.VolumeSizes["/"]);
        Assert.Equal(DiskController.Nvme, read.Plan.Layout.Disks[0].Address.Controller);
        Assert.Equal(task.Facts.ReadAt, read.Facts.ReadAt);

        using var document = JsonDocument.Parse(json);
        Assert.Equal(1, document.RootElement.GetProperty("version").GetInt32());
        Assert.Equal(
            "EagerZeroedThick",
            document.RootElement.GetProperty("task").GetProperty("settings").GetProperty("diskFormat").GetString()
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\ud800")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":2,"task":{}}""")]
    [InlineData("""{"version":1,"task":{"source":null,"facts":null,"destination":null,"settings":null,"plan":null}}""")]
    public void What_is_no_task_is_unreadable(string json) =>
        Assert.Equal(ErrorIds.TaskUnreadable, Assert.Throws<P2VException>(() => TaskJson.Deserialize(json)).ErrorId);
}
