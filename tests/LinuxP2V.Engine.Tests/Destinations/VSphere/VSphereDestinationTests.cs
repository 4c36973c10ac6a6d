using System.Text.Json;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Against a server without machines behind it; a guest's words are put in by hand.</summary>
public sealed class VSphereDestinationTests : DestinationTestBase
{
    [Fact]
    public async Task A_conversion_s_whole_way()
    {
        var machine = Samples.Machine() with { Firmware = Firmware.Uefi, SecureBoot = true };
        Assert.DoesNotContain(await Destination.TestAsync(machine, None), finding => finding.Severity == FindingSeverity.Error);
        var created = await CreateAsync(machine);
        Assert.Equal(("web01", MachinePower.PoweredOff, 2), (created.Name, created.Power, created.MacAddresses.Count));
        Assert.All(created.MacAddresses, mac => Assert.Matches("^[0-9a-f]{2}(:[0-9a-f]{2}){5}$", mac));

        var properties = await ConfigAsync(created.Id);
        Assert.Equal("of <web01> & more", properties["config.annotation"]!.Value);
        Assert.Equal("efi", properties["config.firmware"]!.Value);
        var snapshot = await SnapshotAsync(created.Id);
        Assert.Equal(("c-1", "FALSE"), (snapshot.ConversionId, snapshot.Option("efi.quickBoot.enabled")));
        Assert.Contains(snapshot.Devices, device => device.TypeName() == "VirtualCdrom");
        var controller = Assert.Single(snapshot.Devices, device => device.TypeName() == "ParaVirtualSCSIController");
        Assert.Equal(
            [(0L, 2 * Samples.Gigabyte / 1024), (3L, Samples.Gigabyte / 1024)],
            snapshot
                .Devices.Where(device => device.TypeName() == "VirtualDisk" && device.Number("controllerKey") == controller.Number("key"))
                .Select(device => (device.Number("unitNumber") ?? -1, device.Number("capacityInKB") ?? -1))
        );

        // Again by the same conversion: the same VM, with the new key; by another: refused.
        Assert.Equal(created.Id, (await CreateAsync(machine, Samples.Settings(key: "ssh-ed25519 BBBB"))).Id);
        Assert.Contains("BBBB", (await SnapshotAsync(created.Id)).Option(HelperKeys.Settings));
        var taken = await Assert.ThrowsAsync<P2VException>(() =>
            Destination.CreateAsync(machine, Samples.Settings("c-2"), Image, "c-2", None)
        );
        Assert.Equal(ErrorIds.DestinationNameTaken, taken.ErrorId);
        Assert.Contains(await Destination.TestAsync(machine, None), finding => finding.Id == ErrorIds.DestinationNameTaken);
        Assert.Equal(1, Recorder.Calls.Count(call => call == "PUT"));

        await Destination.PowerOnAsync(created.Id, None);
        await Destination.PowerOnAsync(created.Id, None);
        Assert.Equal(MachinePower.PoweredOn, (await Destination.GetAsync(created.Id, None)).Power);
        Assert.False(await Destination.IsHelperFinishedAsync(created.Id, None));
        var running = await Assert.ThrowsAsync<P2VException>(() => Destination.FinishAsync(created.Id, None));
        Assert.Equal(ErrorIds.OperationOutOfOrder, running.ErrorId);

        await SayAsync(created.Id, Word(isFinished: true));
        await Destination.PowerOffAsync(created.Id, None);
        await Destination.PowerOffAsync(created.Id, None);
        Assert.True(await Destination.IsHelperFinishedAsync(created.Id, None));

        await Destination.FinishAsync(created.Id, None);
        var finished = await Destination.FinishAsync(created.Id, None);
        Assert.Equal(MachinePower.PoweredOff, finished.Power);
        snapshot = await SnapshotAsync(created.Id);
        Assert.True(snapshot.IsFinished);
        Assert.False(snapshot.HasOptions(HelperKeys.GuestPrefix));
        Assert.DoesNotContain(snapshot.Devices, device => device.TypeName() == "VirtualCdrom");
        Assert.True(await Destination.IsHelperFinishedAsync(created.Id, None));

        var finish = Recorder.Bodies.Last(body => body.Name.LocalName == "ReconfigVM_Task").Child("spec");
        Assert.Equal("true", finish.Child("bootOptions").Text("efiSecureBootEnabled"));
        Assert.Equal("VirtualMachineBootOptionsBootableDevice", finish.Child("bootOptions").Child("bootOrder").TypeName());
        var create = Recorder.Bodies.First(body => body.Name.LocalName == "CreateVM_Task").Child("config");
        Assert.Equal("false", create.Child("bootOptions").Text("efiSecureBootEnabled"));
        Assert.Equal("VirtualMachineBootOptionsBootableCdromDevice", create.Child("bootOptions").Child("bootOrder").TypeName());

        await Destination.DeleteAsync(created.Id, None);
        await Destination.DeleteAsync(created.Id, None);
        var gone = await Assert.ThrowsAsync<P2VException>(() => Destination.GetAsync(created.Id, None));
        Assert.Equal(ErrorIds.MachineNotFound, gone.ErrorId);
        Assert.Contains(Recorder.Bodies, body => body.Name.LocalName == "SetField" && body.Text("value") == "web01.example.com");
    }

    [Fact]
    public async Task A_helper_is_attached_by_its_announcement()
    {
        using var listener = new LoopbackSsh();
        var machine = await CreateAsync(Samples.Machine());
        var off = await Assert.ThrowsAsync<P2VException>(() => Destination.AttachHelperAsync(machine.Id, Samples.Settings(), None));
        Assert.Equal(ErrorIds.HelperStartFailed, off.ErrorId);

        await Destination.PowerOnAsync(machine.Id, None);
        var attach = Destination.AttachHelperAsync(machine.Id, Samples.Settings(key: "ssh-ed25519 NEW"), None);
        // An older engine's key, another conversion: not for us.
        await SayAsync(machine.Id, Word());
        await SayAsync(machine.Id, Word() with { ConversionId = "other", AuthorizedKey = "ssh-ed25519 NEW" });
        await Task.Delay(1000);
        Assert.False(attach.IsCompleted);
        Assert.Contains("NEW", (await SnapshotAsync(machine.Id)).Option(HelperKeys.Settings));

        var word = Word() with { AuthorizedKey = "ssh-ed25519 NEW", Addresses = ["192.0.2.1", listener.Address] };
        await SayAsync(machine.Id, word);
        if (listener.IsListening)
        {
            var helper = await attach.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(new HelperEndpoint(listener.Address, 22, word.HostKey, word.BootId) { PoweredOnAt = helper.PoweredOnAt }, helper);
            Assert.NotNull(helper.PoweredOnAt);
        }
        else
        {
            var unreachable = await Assert.ThrowsAsync<P2VException>(() => attach);
            Assert.Equal(ErrorIds.HelperAddressNotObtained, unreachable.ErrorId);
        }
    }

    [Fact]
    public async Task A_second_announcement_with_another_host_key_is_refused()
    {
        string address;
        using (var free = new LoopbackSsh())
            address = free.Address;

        var machine = await CreateAsync(Samples.Machine());
        await Destination.PowerOnAsync(machine.Id, None);
        var attach = Destination.AttachHelperAsync(machine.Id, Samples.Settings(), None);
        await SayAsync(machine.Id, Word() with { Addresses = [address] });
        await Task.Delay(1500);
        await SayAsync(machine.Id, Word() with { Addresses = [address], HostKey = "ssh-ed25519 OTHER" });
        var error = await Assert.ThrowsAsync<P2VException>(() => attach);
        Assert.Equal(ErrorIds.HelperHostKeyMismatch, error.ErrorId);
        Assert.Contains(machine.Id, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answering_address_is_an_error_that_names_them_and_a_problem_is_the_helper_s()
    {
        var machine = await CreateAsync(Samples.Machine());
        await Destination.PowerOnAsync(machine.Id, None);
        await SayAsync(
            machine.Id,
            Word() with
            {
                Problem = new ErrorDescription(ErrorIds.HelperAddressNotObtained, "No DHCP answer.", "Give an address.", null),
            }
        );
        var problem = await Assert.ThrowsAsync<P2VException>(() => Destination.AttachHelperAsync(machine.Id, Samples.Settings(), None));
        Assert.Equal("No DHCP answer.", problem.Message);

        await SayAsync(machine.Id, Word() with { Addresses = ["127.99.88.77"] });
        var unreachable = await Assert.ThrowsAsync<P2VException>(() => Destination.AttachHelperAsync(machine.Id, Samples.Settings(), None));
        Assert.Equal(ErrorIds.HelperAddressNotObtained, unreachable.ErrorId);
        Assert.Contains("127.99.88.77", unreachable.Message);
    }

    [Fact]
    public async Task An_earlier_boot_s_word_is_not_this_one_s()
    {
        var machine = await CreateAsync(Samples.Machine());
        await SayAsync(machine.Id, Word(isFinished: true));
        await Destination.PowerOnAsync(machine.Id, None);
        await Destination.PowerOffAsync(machine.Id, None);
        Assert.False(await Destination.IsHelperFinishedAsync(machine.Id, None));
    }

    [Fact]
    public async Task A_last_word_that_goes_with_the_power_was_heard()
    {
        using var listener = new LoopbackSsh();
        if (!listener.IsListening)
            return;

        var machine = await CreateAsync(Samples.Machine());
        await Destination.PowerOnAsync(machine.Id, None);
        await SayAsync(machine.Id, Word() with { Addresses = [listener.Address] });
        await Destination.AttachHelperAsync(machine.Id, Samples.Settings(), None);
        // By the guest itself this time, so that it goes with the power.
        var line = JsonSerializer.Serialize(JsonSerializer.Serialize(Word(isFinished: true), ProtocolJson.Default.HelperAnnouncement));
        await Server.ControlAsync("/vm", $$"""{"Name":"web01","Action":"announce","Line":{{line}}}""");
        await Task.Delay(1500);
        Assert.True((await SnapshotAsync(machine.Id)).Announcement?.IsFinished);
        await Destination.PowerOffAsync(machine.Id, None);
        Assert.False((await SnapshotAsync(machine.Id)).Announcement?.IsFinished);
        Assert.True(await Destination.IsHelperFinishedAsync(machine.Id, None));

        // Another engine, which heard nothing itself.
        await using var other = await VSphereDestination.ConnectAsync(Server.Options, Console, None);
        for (var tries = 0; tries < 40 && !await other.IsHelperFinishedAsync(machine.Id, None); tries++)
            await Task.Delay(250);

        Assert.True(await other.IsHelperFinishedAsync(machine.Id, None));
    }

    [Fact]
    public async Task Every_sort_of_network_is_tied_to_in_its_way()
    {
        var machine = Samples.Machine() with
        {
            Adapters = [new(AdapterKind.Vmxnet3, "VM Network"), new(AdapterKind.Vmxnet3, SimulatorFixture.DistributedNetwork)],
        };

        await CreateAsync(machine);
        var devices = Recorder
            .Bodies.First(body => body.Name.LocalName == "CreateVM_Task")
            .Child("config")
            .Children("deviceChange")
            .Select(change => change.Child("device"));
        var backings = devices
            .Where(device => device.Child("addressType") is not null)
            .Select(device => device.Child("backing").TypeName())
            .ToList();
        Assert.Equal(["VirtualEthernetCardNetworkBackingInfo", "VirtualEthernetCardDistributedVirtualPortBackingInfo"], backings);
    }

    [Fact]
    public async Task Names_that_do_not_fit_are_all_told_with_what_there_is()
    {
        var machine = Samples.Machine() with
        {
            Placement = new PlacementSettings
            {
                VMHost = SimulatorFixture.Cluster,
                Datastore = "nowhere",
                ResourcePool = "none*",
                InventoryLocation = "/Lab/absent",
            },
            Adapters = [new AdapterSpecification(AdapterKind.Vmxnet3, "no-net")],
        };
        var findings = await Destination.TestAsync(machine, None);
        Assert.Equal(4, findings.Count(finding => finding.Id == ErrorIds.InventoryItemNotFound));
        Assert.Contains(findings, finding => finding.What.Contains("nowhere") && finding.What.Contains("pod-a"));

        var many = await Destination.TestAsync(machine with { Placement = new PlacementSettings { VMHost = "esx*" } }, None);
        Assert.Contains(many, finding => finding.Id == ErrorIds.InventoryItemAmbiguous && finding.What.Contains("/Lab/Cluster1/esx02.lab"));
        var exception = await Assert.ThrowsAsync<P2VException>(() =>
            CreateAsync(machine with { Placement = new PlacementSettings { VMHost = "absent" } })
        );
        Assert.Equal(ErrorIds.InventoryItemNotFound, exception.ErrorId);
    }

    [Fact]
    public async Task Twenty_conversions_share_one_session_and_one_upload()
    {
        var machines = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(number =>
                    Destination.CreateAsync(Samples.Machine($"many{number}"), Samples.Settings($"c-{number}"), Image, $"c-{number}", None)
                )
        );
        Assert.Equal(20, machines.Select(machine => machine.Id).Distinct().Count());
        await Task.WhenAll(machines.Select(machine => Destination.PowerOnAsync(machine.Id, None)));
        await Task.WhenAll(machines.Select(machine => Destination.DeleteAsync(machine.Id, None)));

        Assert.Equal(1, Recorder.Calls.Count(call => call == "Login"));
        Assert.Equal(Recorder.Calls.Count(call => call == "CreateFilter"), Recorder.Calls.Count(call => call == "DestroyPropertyFilter"));
        Assert.Equal(Recorder.Calls.Count(call => call == "CreateContainerView"), Recorder.Calls.Count(call => call == "DestroyView"));
        // None at all when every task was over at the first look.
        Assert.InRange(Recorder.MostWaitingAtOnce, 0, 1);
        Assert.DoesNotContain(Console.Lines, line => line.Contains(SimulatorFixture.Password));
    }

    private Task<DestinationMachine> CreateAsync(MachineSpecification machine, HelperSettings? settings = null) =>
        Destination.CreateAsync(machine, settings ?? Samples.Settings(), Image, "c-1", None);

    private Task<ObjectProperties> ConfigAsync(string id) =>
        Admin.Properties.ReadAsync(ManagedObject.Machine(id), ["config.annotation", "config.firmware", "config.guestId"], None);
}
