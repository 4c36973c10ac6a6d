using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Preflight;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>What needs no server.</summary>
public sealed class VSphereLogicTests
{
    [Fact]
    public void Fields_stand_in_the_schema_s_order_whatever_order_they_are_given_in()
    {
        var data = VimData.Of(
            "VirtualDisk",
            ("capacityInKB", 1024L),
            ("unitNumber", 0),
            ("key", -1),
            ("controllerKey", -2),
            (
                "backing",
                VimData.Of("VirtualDiskFlatVer2BackingInfo", ("thinProvisioned", true), ("fileName", "[a]"), ("diskMode", "persistent"))
            )
        );
        Assert.Equal(
            ["key", "backing", "controllerKey", "unitNumber", "capacityInKB"],
            data.Elements().Select(field => field.Name.LocalName)
        );
        Assert.Equal(["fileName", "diskMode", "thinProvisioned"], data.Child("backing")!.Elements().Select(field => field.Name.LocalName));
        Assert.Equal("VirtualDiskFlatVer2BackingInfo", data.Child("backing").TypeName());
        Assert.Throws<ArgumentException>(() => VimData.Of("VirtualDisk", ("nonsense", 1)));
    }

    [Theory]
    [InlineData("debian", "12", "debian12_64Guest")]
    [InlineData("debian", null, "debian13_64Guest")]
    [InlineData("rhel", "8.10", "rhel8_64Guest")]
    [InlineData("rhel", "11", "rhel10_64Guest")]
    [InlineData("ubuntu", "24.04", "ubuntu64Guest")]
    [InlineData("sles_sap", "15.6", "sles15_64Guest")]
    [InlineData("rocky", "9.4", "rockylinux_64Guest")]
    [InlineData("amzn", "2023", "amazonlinux3_64Guest")]
    [InlineData("arch", null, "other6xLinux64Guest")]
    [InlineData(null, null, "other6xLinux64Guest")]
    public void A_guest_id_is_the_nearest_that_there_is(string? id, string? version, string expected)
    {
        var candidates = GuestIds.Candidates(id, version);
        Assert.Equal(expected, candidates[0]);
        Assert.Equal(GuestIds.Last, candidates[^1]);
    }

    [Fact]
    public void An_older_host_gets_the_older_system_before_a_generic_one() =>
        Assert.Equal(["rockylinux_64Guest", "rhel9_64Guest", "rhel8_64Guest", "rhel7_64Guest"], GuestIds.Candidates("rocky", "9").Take(4));

    [Theory]
    [InlineData("HostSystem-host-12", "HostSystem", "host-12")]
    [InlineData("Datastore-datastore-1009", "Datastore", "datastore-1009")]
    [InlineData("my-host", null, null)]
    [InlineData("HostSystem-", null, null)]
    public void An_id_of_PowerCLI_is_told_from_a_name(string text, string? type, string? value) =>
        Assert.Equal(type is null ? null : new ManagedObject(type, value!), ManagedObject.Parse(text));

    [Theory]
    [InlineData("ds1", "datastore-1")]
    [InlineData("DS1", "datastore-1")]
    [InlineData("Datastore-datastore-2", "datastore-2")]
    [InlineData("/East/datastore/fast/ds2", "datastore-2")]
    [InlineData("East/fast/ds2", "datastore-2")]
    [InlineData("*/fast/*", "datastore-2")]
    [InlineData("odd/name", "datastore-3")]
    public void Names_wildcards_paths_and_ids_find(string wanted, string expected)
    {
        var tree = Tree();
        var search = new InventorySearch(tree);
        Assert.Equal(expected, search.One(wanted, "-Datastore", "datastore", [.. tree.OfType("Datastore")]).Object.Value);
    }

    [Fact]
    public void What_is_not_found_or_not_clear_is_told_with_the_candidates()
    {
        var tree = Tree();
        var search = new InventorySearch(tree);
        var missing = Assert.Throws<P2VException>(() => search.One("ds9", "-Datastore", "datastore", [.. tree.OfType("Datastore")]));
        Assert.Equal(ErrorIds.InventoryItemNotFound, missing.ErrorId);
        Assert.Contains("/East/fast/ds2", missing.Message);
        var unclear = Assert.Throws<P2VException>(() => search.One("ds*", "-Datastore", "datastore", [.. tree.OfType("Datastore")]));
        Assert.Equal(ErrorIds.InventoryItemAmbiguous, unclear.ErrorId);
        Assert.Contains("/East/ds1, /East/fast/ds2", unclear.Message);
    }

    [Fact]
    public void Disks_go_onto_one_datastore_if_it_has_the_room_and_are_spread_if_not()
    {
        InventoryItem[] stores = [Store("a", 50), Store("b", 30), Store("c", 5)];
        var one = DatastoreSpread.OnOneOrMore(Thick(20, 20), stores, HostState.FreeSpace)[0];
        Assert.Equal(["a", "a"], one.DatastoreOfDisk.Select(store => store.Name));
        Assert.Empty(one.Shortages);

        var two = DatastoreSpread.OnOneOrMore(Thick(10, 25, 30), stores, HostState.FreeSpace)[0];
        Assert.Equal(["a", "b", "a"], two.DatastoreOfDisk.Select(store => store.Name));
        Assert.Equal("a", two.Home.Name);
        Assert.Empty(two.Shortages);

        var full = DatastoreSpread.OnOneOrMore(Thick(60), stores, HostState.FreeSpace)[0];
        var shortage = Assert.Single(full.Shortages);
        Assert.True(shortage.NeededBytes > 60 * Samples.Gigabyte && shortage.FreeBytes == 50 * Samples.Gigabyte);

        var thin = Thick(60) with
        {
            Disks = [.. Thick(60).Disks.Select(disk => disk with { Format = DiskFormat.Thin, UsedBytes = Samples.Gigabyte })],
        };
        Assert.Empty(DatastoreSpread.OnOneOrMore(thin, stores, HostState.FreeSpace)[0].Shortages);
    }

    [Fact]
    public void Disks_keep_the_places_that_the_plan_gives_them()
    {
        DiskAddress[] places =
        [
            new(DiskController.Pvscsi, 0, 0),
            new(DiskController.Pvscsi, 1, 2),
            new(DiskController.LsiLogicSas, 0, 5),
            new(DiskController.Ahci, 0, 3),
            new(DiskController.Nvme, 0, 1),
        ];
        var disks = places.Select(place => new DiskSpecification(Samples.Gigabyte, place, DiskFormat.Thin)).ToList();
        var devices = DeviceSpecs.Disks(disks, [.. disks.Select(_ => Store("a", 50))], null).Select(spec => spec.Child("device")).ToList();
        var controllers = devices
            .Where(device => device.Child("busNumber") is not null)
            .ToDictionary(device => device.Number("key")!.Value);
        var found = devices
            .Where(device => device.TypeName() == "VirtualDisk")
            .Select(disk =>
                (
                    controllers[disk.Number("controllerKey")!.Value].TypeName(),
                    controllers[disk.Number("controllerKey")!.Value].Number("busNumber"),
                    disk.Number("unitNumber")
                )
            );
        // All SCSI controllers count together on vSphere.
        Assert.Equal(
            [
                ("ParaVirtualSCSIController", 0L, 0L),
                ("ParaVirtualSCSIController", 1L, 2L),
                ("VirtualLsiLogicSASController", 2L, 5L),
                ("VirtualAHCIController", 0L, 3L),
                ("VirtualNVMEController", 0L, 1L),
            ],
            found.Select(disk => (disk.Item1!, disk.Item2!.Value, disk.Item3!.Value))
        );
    }

    [Theory]
    [InlineData("InvalidLogin", ErrorIds.ServerAuthenticationFailed)]
    [InlineData("NoDiskSpace", ErrorIds.DestinationFull)]
    [InlineData("InsufficientStorageSpace", ErrorIds.DestinationFull)]
    [InlineData("DuplicateName", ErrorIds.DestinationNameTaken)]
    [InlineData("ManagedObjectNotFound", ErrorIds.MachineNotFound)]
    [InlineData("InsufficientMemoryResourcesFault", ErrorIds.DestinationResourcesMissing)]
    [InlineData("HostNotConnected", ErrorIds.HostNotAvailable)]
    // Known by what they are derived from.
    [InlineData("InsufficientHostCpuCapacityFault", ErrorIds.DestinationResourcesMissing)]
    [InlineData("InsufficientPerCpuCapacity", ErrorIds.DestinationResourcesMissing)]
    [InlineData("InsufficientFailoverResourcesFault", ErrorIds.HostNotAvailable)]
    [InlineData("DisallowedOperationOnFailoverHost", ErrorIds.HostNotAvailable)]
    [InlineData("DestinationSwitchFull", ErrorIds.DestinationResourcesMissing)]
    [InlineData("LegacyNetworkInterfaceInUse", ErrorIds.DestinationNotSupported)]
    [InlineData("DatastoreNotWritableOnHost", ErrorIds.DestinationNotSupported)]
    [InlineData("QuestionPending", ErrorIds.OperationOutOfOrder)]
    [InlineData("InvalidVmState", ErrorIds.OperationOutOfOrder)]
    [InlineData("LicenseExpired", ErrorIds.DestinationNotSupported)]
    [InlineData("VmLimitLicense", ErrorIds.DestinationNotSupported)]
    [InlineData("GenericVmConfigFault", ErrorIds.HardwareNotSupported)]
    [InlineData("InvalidDeviceBacking", ErrorIds.HardwareNotSupported)]
    [InlineData("InvalidController", ErrorIds.HardwareNotSupported)]
    [InlineData("NotEnoughCpus", ErrorIds.HardwareNotSupported)]
    [InlineData("RDMNotSupported", ErrorIds.HardwareNotSupported)]
    [InlineData("NotSupportedHostInCluster", ErrorIds.HostNotAvailable)]
    [InlineData("FileLocked", ErrorIds.OperationOutOfOrder)]
    [InlineData("NoPermission", ErrorIds.ServerPermissionMissing)]
    [InlineData("NotAuthenticated", ErrorIds.ServerSessionEnded)]
    [InlineData("SomethingNew", ErrorIds.ServerTaskFailed)]
    public void A_fault_is_an_error_with_an_id_and_a_remedy(string fault, string id)
    {
        var error = VimErrors.From(new VimFaultException(fault, "", null, "CreateVM_Task"), "vc01", "create the VM web01", "web01");
        Assert.Equal(id, error.ErrorId);
        Assert.StartsWith("vc01 could not create the VM web01: ", error.Message);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public void A_missing_permission_names_the_privilege_and_the_object()
    {
        XNamespace vim = "urn:vim25";
        var detail = new XElement(
            vim + "fault",
            new XElement(vim + "object", new XAttribute("type", "Folder"), "group-v3"),
            new XElement(vim + "privilegeId", "VirtualMachine.Inventory.Create")
        );
        var error = VimErrors.From(
            new VimFaultException("NoPermission", "Permission was denied.", detail, "CreateVM_Task"),
            "vc01",
            "create the VM web01"
        );
        Assert.Equal(ErrorIds.ServerPermissionMissing, error.ErrorId);
        Assert.Contains("VirtualMachine.Inventory.Create", error.Message);
        Assert.Contains("Folder-group-v3", error.Remedy);
    }

    [Theory]
    [InlineData("rhel", "9.4", "intel-penryn", true)]
    [InlineData("rhel", "9.4", "intel-nehalem", false)]
    [InlineData("rhel", "10.0", "intel-ivybridge", true)]
    [InlineData("rhel", "10.0", "intel-haswell", false)]
    [InlineData("rhel", "10.0", "amd-zen", false)]
    [InlineData("rhel", "10.0", "amd-steamroller", true)]
    [InlineData("almalinux", "10", "intel-nehalem", false)]
    [InlineData("debian", "13", "intel-merom", false)]
    [InlineData("rhel", "10.0", "intel-of-tomorrow", false)]
    [InlineData("rhel", "10.0", null, false)]
    public void A_processor_too_old_for_the_system_is_found(string id, string version, string? mode, bool isTooLow) =>
        Assert.Equal(isTooLow, ProcessorLevels.Offered(mode) < ProcessorLevels.Needed(id, version));

    [Fact]
    public void A_pinned_certificate_is_the_only_one_taken()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=vc01", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var sha256 = Convert.ToHexString(SHA256.HashData(certificate.RawData));

        Assert.True(new CertificateCheck(sha256, false).Accept(certificate, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.True(new CertificateCheck(certificate.Thumbprint, false).Accept(certificate, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.False(new CertificateCheck(new string('A', 64), false).Accept(certificate, SslPolicyErrors.None));
        Assert.False(new CertificateCheck(null, false).Accept(certificate, SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.True(new CertificateCheck(null, false).Accept(certificate, SslPolicyErrors.None));
        Assert.True(new CertificateCheck(null, true).Accept(certificate, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.Equal(ErrorIds.ServerCertificateUntrusted, Assert.Throws<P2VException>(() => new CertificateCheck("abc", false)).ErrorId);
    }

    [Fact]
    public void A_licence_that_allows_reading_only_is_named_as_the_cause()
    {
        var error = VimErrors.From(
            new VimFaultException("RestrictedVersion", "Prohibited.", null, "CreateVM_Task"),
            "esx01",
            "create the VM web01"
        );
        Assert.Equal(ErrorIds.DestinationNotSupported, error.ErrorId);
        Assert.Contains("licence", error.Message);
        Assert.Contains("licence", error.Remedy);
    }

    [Fact]
    public void Characters_that_XML_cannot_hold_are_left_out_and_others_kept()
    {
        var field = Assert.Single(VimData.Field("annotation", "of \u0001web\u000001\ttab \U0001F427 \uD83D end\uFFFF"));
        Assert.Equal("of web01\ttab \U0001F427  end", XElement.Parse(field.ToString()).Value);
        Assert.Equal("ab", VimData.Option("k", "a\u0007b").Text("value"));
    }

    [Fact]
    public void A_conversion_s_VM_has_an_id_that_comes_of_the_conversion_s()
    {
        var uuid = Guid.Parse(MachineFinder.UuidOf("0123456789ab"));
        Assert.Equal(uuid, Guid.Parse(MachineFinder.UuidOf("0123456789ab")));
        Assert.NotEqual(uuid, Guid.Parse(MachineFinder.UuidOf("0123456789ac")));
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", MachineFinder.UuidOf("x"));
    }

    [Fact]
    public void A_VM_of_a_vApp_is_in_no_folder()
    {
        Assert.Equal("app1", Resolver("app1").Resolve()!.Container.Name);
        Assert.Equal("vm", Resolver("pool1").Resolve()!.Container.Name);
    }

    [Fact]
    public void Options_do_not_tell_their_secrets()
    {
        var options = new VSphereConnectionOptions
        {
            Address = "vc01",
            UserName = "me",
            Password = "s3cret",
            SessionSecret = "c00kie",
        };
        Assert.DoesNotContain("s3cret", options.ToString());
        Assert.DoesNotContain("c00kie", options.ToString());
    }

    private static MachineSpecification Thick(params int[] gigabytes) =>
        Samples.Machine() with
        {
            Disks =
            [
                .. gigabytes.Select(
                    (size, unit) =>
                        new DiskSpecification(size * Samples.Gigabyte, new DiskAddress(DiskController.Pvscsi, 0, unit), DiskFormat.Thick)
                ),
            ],
        };

    private static InventoryItem Store(string name, int freeGigabytes) =>
        new(
            Item("Datastore", $"datastore-{name}", name, null) with
            {
                Values = new Dictionary<string, XElement>
                {
                    ["name"] = new("val", name),
                    ["summary"] = new("val", new XElement("freeSpace", freeGigabytes * Samples.Gigabyte)),
                },
            }
        );

    private static InventoryTree Tree() =>
        new([
            Item("Datacenter", "datacenter-1", "East", null),
            Item("Folder", "group-s1", "datastore", new ManagedObject("Datacenter", "datacenter-1")),
            Item("StoragePod", "group-p1", "fast", new ManagedObject("Folder", "group-s1")),
            Item("Datastore", "datastore-1", "ds1", new ManagedObject("Folder", "group-s1")),
            Item("Datastore", "datastore-2", "ds2", new ManagedObject("StoragePod", "group-p1")),
            Item("Datastore", "datastore-3", "odd%2fname", new ManagedObject("Folder", "group-s1")),
        ]);

    /// <summary>One host with a resource pool and a vApp.</summary>
    private static PlacementResolver Resolver(string pool)
    {
        var compute = Reference("ComputeResource", "domain-s1");
        XElement[] owner = [compute("owner")];
        var tree = new InventoryTree([
            Item("Datacenter", "datacenter-1", "East", null, Reference("Folder", "group-v1")("vmFolder")),
            Item("Folder", "group-v1", "vm", new ManagedObject("Datacenter", "datacenter-1")),
            Item(
                "ComputeResource",
                "domain-s1",
                "esx01",
                new ManagedObject("Datacenter", "datacenter-1"),
                List("host", "HostSystem", "host-1"),
                List("datastore", "Datastore", "datastore-1"),
                Reference("ResourcePool", "resgroup-1")("resourcePool")
            ),
            Item(
                "HostSystem",
                "host-1",
                "esx01",
                new ManagedObject("ComputeResource", "domain-s1"),
                List("datastore", "Datastore", "datastore-1")
            ),
            Item(
                "Datastore",
                "datastore-1",
                "ds1",
                new ManagedObject("Datacenter", "datacenter-1"),
                new XElement("summary", new XElement("freeSpace", 100 * Samples.Gigabyte))
            ),
            Item("ResourcePool", "resgroup-2", "pool1", null, owner),
            Item("VirtualApp", "resgroup-v3", "app1", null, owner),
        ]);
        var machine = Samples.Machine() with
        {
            Adapters = [],
            Placement = new PlacementSettings { ResourcePool = pool },
        };
        return new PlacementResolver(tree, machine, hosts => [.. hosts], HostState.FreeSpace, null, null);
    }

    private static Func<string, XElement> Reference(string type, string id) => name => new XElement(name, new XAttribute("type", type), id);

    private static XElement List(string name, string type, string id) => new(name, Reference(type, id)("ManagedObjectReference"));

    private static ObjectProperties Item(string type, string id, string name, ManagedObject? parent, params XElement[] more)
    {
        var item = Item(type, id, name, parent);
        return item with
        {
            Values = item.Values.Concat(more.Select(value => KeyValuePair.Create(value.Name.LocalName, value))).ToDictionary(),
        };
    }

    private static ObjectProperties Item(string type, string id, string name, ManagedObject? parent)
    {
        var values = new Dictionary<string, XElement> { ["name"] = new("val", name) };
        if (parent is { } above)
            values["parent"] = new XElement("val", new XAttribute("type", above.Type), above.Value);

        return new ObjectProperties(new ManagedObject(type, id), values);
    }
}
