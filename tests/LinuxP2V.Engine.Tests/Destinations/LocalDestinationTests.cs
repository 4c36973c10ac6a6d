using System.Diagnostics;
using System.Net.Sockets;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Engine.Tests.Destinations.LocalDestinationFixture;

namespace LinuxP2V.Engine.Tests.Destinations;

/// <summary>With QEMU itself, and boot code of a few bytes in the place of helper and source.</summary>
[Collection(nameof(LocalDestinationTests))]
public sealed class LocalDestinationTests : IAsyncLifetime
{
    private readonly LocalDestinationFixture fixture = new();

    private static CancellationToken None => CancellationToken.None;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => fixture.DisposeAsync().AsTask();

    [Fact]
    public async Task A_conversion_s_whole_way()
    {
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine());
        Assert.Equal(("vm1", MachinePower.PoweredOff, 2), (machine.Id, machine.Power, machine.MacAddresses.Count));
        Assert.All(machine.MacAddresses, mac => Assert.Matches("^52:54:00(:[0-9a-f]{2}){3}$", mac));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(machine.Location));

        // As after the helper has partitioned: boot code that would win if the CD were not first.
        await fixture.WriteBootDiskAsync("disk booted");
        await destination.PowerOnAsync(machine.Id, None);
        Assert.Equal(MachinePower.PoweredOn, (await destination.GetAsync(machine.Id, None)).Power);
        Assert.False(await destination.IsHelperFinishedAsync(machine.Id, None));
        using (var client = new TcpClient())
            await client.ConnectAsync("127.0.0.1", fixture.Description().SshPort);

        // Another engine finds it.
        destination = fixture.Open();
        Assert.Equal(MachinePower.PoweredOn, (await destination.GetAsync(machine.Id, None)).Power);
        var endpoint = await destination.AttachHelperAsync(machine.Id, fixture.Settings, None);
        Assert.Equal(new HelperEndpoint("127.0.0.1", fixture.Description().SshPort, "ssh-ed25519 AAAAhost", "boot-1"), endpoint);
        Assert.Equal(endpoint, await destination.AttachHelperAsync(machine.Id, fixture.Settings, None));
        Assert.Equal(
            ErrorIds.OperationOutOfOrder,
            (await Assert.ThrowsAsync<P2VException>(() => destination.FinishAsync(machine.Id, None))).ErrorId
        );

        // Nobody listens while it says its last word.
        await WaitUntilAsync(
            async () =>
            {
                await fixture.SignalAsync(StandInImage.FinishSignal);
                return (await destination.GetAsync(machine.Id, None)).Power == MachinePower.PoweredOff;
            },
            "the helper powers off"
        );
        Assert.True(await destination.IsHelperFinishedAsync(machine.Id, None));

        var finished = await destination.FinishAsync(machine.Id, None);
        Assert.Equal(machine.MacAddresses, finished.MacAddresses);
        Assert.Equal(fixture.PathOf("start.sh"), finished.StartCommand);
        Assert.False(File.Exists(fixture.PathOf("settings.json")));
        Assert.Equal(finished, await destination.FinishAsync(machine.Id, None) with { MacAddresses = finished.MacAddresses });
        await destination.PowerOnAsync(machine.Id, None);
        await fixture.WaitForConsoleAsync("disk booted");
        await destination.PowerOffAsync(machine.Id, None);
        await destination.PowerOffAsync(machine.Id, None);
        Assert.Equal(MachinePower.PoweredOff, (await destination.GetAsync(machine.Id, None)).Power);

        await destination.DeleteAsync(machine.Id, None);
        await destination.DeleteAsync(machine.Id, None);
        Assert.False(Directory.Exists(machine.Location));
    }

    [Fact]
    public async Task The_start_script_runs_the_finished_VM_and_the_engine_sees_it()
    {
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine());
        await fixture.WriteBootDiskAsync("by the script");
        var command = (await destination.FinishAsync(machine.Id, None)).StartCommand!;
        using var script = Process.Start(new ProcessStartInfo(command, ["-name", "renamed"]) { WorkingDirectory = "/" })!;
        await fixture.WaitForConsoleAsync("by the script");
        Assert.Equal(MachinePower.PoweredOn, (await destination.GetAsync(machine.Id, None)).Power);
        await destination.PowerOnAsync(machine.Id, None);
        await destination.PowerOffAsync(machine.Id, None);
        await script.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(MachinePower.PoweredOff, (await destination.GetAsync(machine.Id, None)).Power);
    }

    [Theory]
    [InlineData(DiskController.LsiLogicSas, AdapterKind.E1000e)]
    [InlineData(DiskController.LsiLogic, AdapterKind.E1000)]
    [InlineData(DiskController.Ahci, AdapterKind.VirtioNet)]
    [InlineData(DiskController.Nvme, AdapterKind.Vmxnet3)]
    [InlineData(DiskController.VirtioScsi, AdapterKind.Vmxnet3)]
    public async Task Every_controller_boots_its_first_disk(DiskController controller, AdapterKind adapter)
    {
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine(controller: controller, adapter: adapter));
        await fixture.WriteBootDiskAsync($"from {controller}");
        await destination.FinishAsync(machine.Id, None);
        await destination.PowerOnAsync(machine.Id, None);
        await fixture.WaitForConsoleAsync($"from {controller}");
    }

    [Fact]
    public async Task Disks_on_several_controllers_and_UEFI_start()
    {
        var disks = Enumerable
            .Range(0, 17)
            .Select(index => new DiskSpecification(
                4 * MiB,
                new DiskAddress(DiskController.Pvscsi, index / 15, index % 15 + (index % 15 >= 7 ? 1 : 0)),
                DiskFormat.Thin
            ));
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine(firmware: Firmware.Uefi) with { Disks = [.. disks] });
        Assert.True(File.Exists(fixture.PathOf("nvram.fd")));
        await destination.PowerOnAsync(machine.Id, None);
        Assert.Equal(MachinePower.PoweredOn, (await destination.GetAsync(machine.Id, None)).Power);
    }

    [Fact]
    public async Task A_killed_QEMU_is_off_and_the_helper_tells_why_it_is_gone()
    {
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine());
        await destination.PowerOnAsync(machine.Id, None);
        using (var process = Process.GetProcessById(fixture.ProcessId()))
            process.Kill();
        await WaitUntilAsync(
            async () => (await destination.GetAsync(machine.Id, None)).Power == MachinePower.PoweredOff,
            "the killed QEMU counts as off",
            10
        );
        await File.WriteAllTextAsync(fixture.PathOf("helper.log"), "booting\nKernel panic\n");
        var exception = await Assert.ThrowsAsync<P2VException>(() => destination.AttachHelperAsync(machine.Id, fixture.Settings, None));
        Assert.Equal(ErrorIds.HelperStartFailed, exception.ErrorId);
        Assert.Contains("Kernel panic", exception.Message, StringComparison.Ordinal);
        await destination.PowerOnAsync(machine.Id, None);
        Assert.Equal(MachinePower.PoweredOn, (await destination.GetAsync(machine.Id, None)).Power);
    }

    [Fact]
    public async Task A_pid_file_that_names_another_program_counts_for_nothing()
    {
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine());
        await File.WriteAllTextAsync(fixture.PathOf("qemu.pid"), Environment.ProcessId + "\n");
        Assert.Equal(MachinePower.PoweredOff, (await destination.GetAsync(machine.Id, None)).Power);
        await destination.PowerOffAsync(machine.Id, None);
        await destination.DeleteAsync(machine.Id, None);
        Assert.False(Directory.Exists(machine.Location));
    }

    [Fact]
    public async Task A_stopped_guest_is_suspended_and_a_taken_port_is_replaced()
    {
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine());
        var port = fixture.Description().SshPort;
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, port);
        listener.Start();
        await destination.PowerOnAsync(machine.Id, None);
        Assert.NotEqual(port, fixture.Description().SshPort);
        Assert.NotNull(await QmpClient.ExecuteAsync(fixture.PathOf("qmp.sock"), "stop", None));
        Assert.Equal(MachinePower.Suspended, (await destination.GetAsync(machine.Id, None)).Power);
    }

    [Fact]
    public async Task A_helper_that_never_speaks_ends_in_a_time_out()
    {
        File.WriteAllBytes(fixture.ImagePath, new byte[MiB]);
        var destination = fixture.Open(timeoutSeconds: 4);
        var machine = await fixture.CreateAsync(destination, Machine());
        await destination.PowerOnAsync(machine.Id, None);
        var exception = await Assert.ThrowsAsync<P2VException>(() => destination.AttachHelperAsync(machine.Id, fixture.Settings, None));
        Assert.Equal(ErrorIds.HelperAddressNotObtained, exception.ErrorId);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            destination.AttachHelperAsync(machine.Id, fixture.Settings, cancelled.Token)
        );
    }

    [Fact]
    public async Task The_same_conversion_gets_its_VM_again_another_one_does_not()
    {
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine());
        var again = await destination.CreateAsync(
            Machine(),
            fixture.Settings with
            {
                AuthorizedKey = "ssh-ed25519 AAAAother",
            },
            fixture.ImagePath,
            ConversionId,
            None
        );
        Assert.Equal(machine.MacAddresses, again.MacAddresses);
        Assert.Contains("AAAAother", await File.ReadAllTextAsync(fixture.PathOf("settings.json")), StringComparison.Ordinal);

        var taken = await Assert.ThrowsAsync<P2VException>(() =>
            destination.CreateAsync(Machine(), fixture.Settings, fixture.ImagePath, "otherotherot", None)
        );
        Assert.Equal(ErrorIds.DestinationNameTaken, taken.ErrorId);
        Assert.Contains(await destination.TestAsync(Machine(), None), finding => finding.Id == ErrorIds.DestinationNameTaken);
    }

    [Fact]
    public async Task Delete_leaves_what_it_did_not_make()
    {
        var destination = fixture.Open();
        var machine = await fixture.CreateAsync(destination, Machine());
        await File.WriteAllTextAsync(fixture.PathOf("notes.txt"), "mine");
        await destination.DeleteAsync(machine.Id, None);
        Assert.Equal(["notes.txt"], Directory.EnumerateFileSystemEntries(machine.Location).Select(Path.GetFileName));

        Directory.CreateDirectory(Path.Combine(fixture.Root, "foreign"));
        await destination.DeleteAsync("foreign", None);
        Assert.True(Directory.Exists(Path.Combine(fixture.Root, "foreign")));
        Assert.Equal(
            ErrorIds.MachineNotFound,
            (await Assert.ThrowsAsync<P2VException>(() => destination.GetAsync("foreign", None))).ErrorId
        );
        Assert.Equal(
            ErrorIds.MachineNotFound,
            (await Assert.ThrowsAsync<P2VException>(() => destination.DeleteAsync("../" + Path.GetFileName(fixture.Root), None))).ErrorId
        );
    }

    [Fact]
    public async Task A_failed_creation_leaves_nothing()
    {
        var destination = fixture.Open();
        var tooLarge = Machine() with
        {
            Disks = [new DiskSpecification(1L << 60, new DiskAddress(DiskController.Pvscsi, 0, 0), DiskFormat.EagerZeroedThick)],
        };
        var exception = await Assert.ThrowsAsync<P2VException>(() => fixture.CreateAsync(destination, tooLarge));
        Assert.Contains(exception.ErrorId, new[] { ErrorIds.DestinationFull, ErrorIds.DestinationNotSupported });
        Assert.Empty(Directory.EnumerateFileSystemEntries(fixture.Root));
        var missing = await Assert.ThrowsAsync<P2VException>(() =>
            destination.CreateAsync(Machine(), fixture.Settings, "/nonexistent.iso", ConversionId, None)
        );
        Assert.Equal(ErrorIds.HelperImageMissing, missing.ErrorId);
    }

    [Fact]
    public async Task A_vmdk_is_exported_and_the_VM_runs_on_a_layer_above_it()
    {
        var destination = fixture.Open(DiskImageFormat.Vmdk);
        var machine = await fixture.CreateAsync(destination, Machine());
        await fixture.WriteBootDiskAsync("above the vmdk");
        await destination.FinishAsync(machine.Id, None);
        Assert.Contains(
            "streamOptimized",
            System.Text.Encoding.ASCII.GetString(File.ReadAllBytes(fixture.PathOf("disk-0.vmdk"))),
            StringComparison.Ordinal
        );
        await destination.PowerOnAsync(machine.Id, None);
        await fixture.WaitForConsoleAsync("above the vmdk");
        await destination.DeleteAsync(machine.Id, None);
        Assert.False(Directory.Exists(machine.Location));
    }

    [Fact]
    public async Task What_this_machine_cannot_hold_is_found_beforehand()
    {
        var destination = fixture.Open();
        Assert.Empty(await destination.TestAsync(Machine(), None));
        var huge = Machine() with
        {
            MemoryBytes = 1L << 50,
            Disks =
            [
                new DiskSpecification(1L << 60, new DiskAddress(DiskController.Pvscsi, 0, 0), DiskFormat.Thin) { UsedBytes = 1L << 55 },
            ],
        };
        var findings = await destination.TestAsync(huge, None);
        Assert.Equal([ErrorIds.DestinationFull, ErrorIds.HelperMemoryTooSmall], findings.Select(finding => finding.Id));
        Assert.Equal([FindingSeverity.Error, FindingSeverity.Warning], findings.Select(finding => finding.Severity));
        var thick = Machine() with
        {
            Disks = [new DiskSpecification(1L << 60, new DiskAddress(DiskController.Pvscsi, 0, 0), DiskFormat.Thick)],
        };
        Assert.Contains(await destination.TestAsync(thick, None), finding => finding.Id == ErrorIds.DestinationFull);
    }

    [Fact]
    public void No_QEMU_is_told_with_the_remedy()
    {
        var exception = Assert.Throws<P2VException>(() =>
            LocalDestination.Open(fixture.Root, new LocalDestinationOptions { QemuPath = "/nonexistent/qemu" }, NullConsole.Instance)
        );
        Assert.Equal(ErrorIds.DestinationToolMissing, exception.ErrorId);
        Assert.Contains("apt install", exception.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_probe_sees_whether_an_accelerator_runs_code()
    {
        Assert.True(await AcceleratorProbe.RunsCodeAsync("/usr/bin/qemu-system-x86_64", "tcg", None));
        Assert.False(await AcceleratorProbe.RunsCodeAsync("/usr/bin/qemu-system-x86_64", "nosuch", None));
    }
}
