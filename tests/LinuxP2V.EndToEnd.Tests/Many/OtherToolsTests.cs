using System.Collections.Concurrent;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Lab;
using LinuxP2V.Lab.VSphere;
using LinuxP2V.Protocol.Messages;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests.Many;

/// <summary>
/// Whole conversions, with real agents as in <see cref="ManyConversionsTests"/>, while others work on the VM in the middle of its
/// copy: each ends with a VM whose files equal the source's.
/// </summary>
[Trait("Area", "vSphere")]
[Trait("Run", "Full")]
public sealed class OtherToolsTests(OtherToolsTests.Fixture fixture, ITestOutputHelper output) : IClassFixture<OtherToolsTests.Fixture>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    /// <summary>So slow that something can happen in the middle.</summary>
    private const double SlowMbps = 4;

    private VSphereLabControl Control => fixture.Lab.Control;

    [Fact]
    public async Task A_VM_that_is_renamed_moved_and_migrated_in_mid_copy_is_converted()
    {
        await using var run = await fixture.BeginAsync("moved");
        await run.CopyingAsync();
        await Control.TreatVmAsync("moved", "rename", "renamed");
        await Control.TreatVmAsync("renamed", "move", "Converted");
        // One of the two is another host than its own.
        await Control.TreatVmAsync("renamed", "migrate", "esx01.lab");
        await Control.TreatVmAsync("renamed", "migrate", "esx02.lab");
        var end = await run.EndAsync();

        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        // Nothing of it was the helper's business.
        Assert.Equal(1, end.Attempt);
        Assert.Empty(run.Warnings);
        await fixture.CompareAsync("renamed");
    }

    [Theory]
    [InlineData("failed-over", "failOver")]
    [InlineData("reset", "reset")]
    [InlineData("crashed", "kill")]
    public async Task A_helper_that_boots_anew_in_mid_copy_goes_on_with_what_is_on_its_disks(string name, string action)
    {
        await using var run = await fixture.BeginAsync(name);
        await run.CopyingAsync();
        await Control.TreatVmAsync(name, action, action == "failOver" ? "esx02.lab" : null);
        var end = await run.EndAsync();
        foreach (var warning in run.Warnings)
            output.WriteLine(warning);

        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.InRange(end.Attempt, 2, 3);
        await fixture.CompareAsync(name);
    }

    [Fact]
    public async Task An_HA_restart_after_a_resume_finds_the_helper_without_settings_and_gives_them_again()
    {
        await using var run = await fixture.BeginAsync("resumed");
        await run.CopyingAsync();
        Assert.Equal(ConversionState.Stopped, (await fixture.Manager.StopAsync(run.Id, default)).State);
        // The engine that comes back has another key, and writes it into the running VM: there it is lost with the host.
        run.Drive();
        await run.CopyingAsync();
        await Control.TreatVmAsync("resumed", "failOver", "esx02.lab");
        var end = await run.EndAsync();

        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        await fixture.CompareAsync("resumed");
    }

    [Fact]
    public async Task A_question_is_told_and_the_copy_goes_on_once_it_is_answered()
    {
        await using var run = await fixture.BeginAsync("asked");
        await run.CopyingAsync();
        await Control.TreatVmAsync("asked", "ask", "There is no more space for virtual disk asked.vmdk.");
        await Control.TreatVmAsync("asked", "pause");
        await run.UntilAsync(() =>
            run.Warnings.Any(warning => warning.Contains("no more space for virtual disk", StringComparison.Ordinal))
        );
        Assert.Equal(ConversionState.Copying, fixture.Manager.Get(run.Id).State);
        await Control.TreatVmAsync("asked", "resume");
        await Control.TreatVmAsync("asked", "ask");
        var end = await run.EndAsync();

        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.Single(run.Warnings, warning => warning.Contains("no more space", StringComparison.Ordinal));
        await fixture.CompareAsync("asked");
    }

    [Fact]
    public async Task A_backup_that_runs_into_a_conversion_delays_it_and_its_snapshot_is_told()
    {
        await Control.MakeExclusiveAsync(true);
        try
        {
            await using var run = await fixture.BeginAsync("backed-up", isPoweredOn: true);
            await run.CopyingAsync();
            await Control.TreatVmAsync("backed-up", "snapshot", "in mid-copy");
            await Control.TreatVmAsync("backed-up", "removeSnapshots");
            await Control.TreatVmAsync("backed-up", "snapshot", "Backup of the night");
            // It is still at it when the helper is done.
            await run.LiftLimitAsync();
            await run.UntilAsync(() => fixture.Manager.Get(run.Id).State >= ConversionState.Synchronized);
            var occupation = TimeSpan.FromSeconds(8);
            // By the simulator's clock it ends a little later.
            var isFreeAt = DateTimeOffset.UtcNow + occupation;
            await Control.OccupyAsync("backed-up", occupation);
            var end = await run.EndAsync();

            Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
            Assert.True(end.CompletedAt >= isFreeAt, $"Completed at {end.CompletedAt:O}, while the VM was busy until {isFreeAt:O}.");
            var finding = Assert.Single(end.MachineFindings);
            Assert.Equal(ErrorIds.MachineHasSnapshots, finding.Id);
            Assert.Contains("has a snapshot that LinuxP2V did not make: 'Backup of the night'", finding.What, StringComparison.Ordinal);
            Assert.Single(run.Warnings, warning => warning.Contains("Backup of the night", StringComparison.Ordinal));
            Assert.DoesNotContain(run.Warnings, warning => warning.Contains("in mid-copy", StringComparison.Ordinal));
            Assert.Equal("poweredOn", (await Control.StateAsync()).Vm("backed-up").Power);
            await fixture.CompareAsync("backed-up");

            await Control.OccupyAsync("backed-up", TimeSpan.FromSeconds(3));
            await fixture.Manager.RemoveAsync(run.Id, run.Destination, CancellationToken.None);
            Assert.DoesNotContain((await Control.StateAsync()).Vms, vm => vm.Name == "backed-up");
        }
        finally
        {
            await Control.MakeExclusiveAsync(false);
        }
    }

    /// <summary>One source and one vCenter for all.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private LoadSource source = null!;
        private string image = null!;

        public VSphereLab Lab { get; private set; } = null!;

        public ConversionManager Manager { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Assert.True(File.Exists(Path.Combine(LabPaths.Lab, "agent", "linuxp2v-agent")), "There is no agent: ./build.sh iso makes it.");
            var folder = await FreshFolder.MakeAsync("other-tools");
            Environment.SetEnvironmentVariable(StateFolder.OverrideVariable, Path.Combine(folder, "state"));
            Manager = ConversionManager.ForUser();
            image = Path.Combine(folder, "helper.iso");
            await File.WriteAllTextAsync(image, "No guest boots it.");
            source = await LoadSource.StartAsync(Path.Combine(folder, "source"));
            Lab = await VSphereLab.StartAsync(
                new VSphereLabOptions
                {
                    // Made here, so that it is still there for whoever looks for the cause of a failure.
                    Folder = Directory.CreateDirectory(Path.Combine(folder, "vsphere")).FullName,
                    WithoutQemu = true,
                    AgentCommand = LoadSource.Script("agent.sh"),
                    Datastores = ["load1=50"],
                }
            );
        }

        public async Task DisposeAsync()
        {
            await Lab.DisposeAsync();
            await source.DisposeAsync();
        }

        internal async Task<ToolsRun> BeginAsync(string name, bool isPoweredOn = false)
        {
            var admin = Lab.UserWith("Administrator");
            var destination = await VSphereDestination.ConnectAsync(
                new VSphereConnectionOptions
                {
                    Address = Lab.Address,
                    Port = Lab.Port,
                    UserName = admin.Name,
                    Password = admin.Password,
                    CertificateThumbprint = Lab.ThumbprintSha256,
                },
                NullConsole.Instance,
                CancellationToken.None
            );
            var task = ConversionPlanner.Plan(
                source.Endpoint,
                LoadSource.Facts(),
                new TaskSettings
                {
                    Name = name,
                    SkipReconfiguration = true,
                    PowerOn = isPoweredOn,
                    Placement = new PlacementSettings { VMHost = "Cluster1", Datastore = "load1" },
                    NetworkNames = ["VM Network"],
                    Copy = new CopyOptions { BandwidthLimitMbps = SlowMbps, Compression = CopyCompression.None },
                },
                destination.Reference
            );
            var run = new ToolsRun(this, destination, Manager.Create(task).Id);
            run.Drive();
            return run;
        }

        internal void Drive(string id, VSphereDestination destination, IEngineConsole console) =>
            Manager.Drive(id, destination, source.Secrets, new DriveOptions(image), console);

        internal async Task CompareAsync(string name) =>
            Assert.Equal(source.Tree, await LoadSource.TreeOfCopyAsync((await Lab.Control.StateAsync()).Vm(name)));
    }

    /// <summary>A conversion whose copy is slow until it is let go.</summary>
    internal sealed class ToolsRun(Fixture fixture, VSphereDestination destination, string id) : IEngineConsole, IAsyncDisposable
    {
        public string Id => id;

        public VSphereDestination Destination => destination;

        public ConcurrentQueue<string> Warnings { get; } = new();

        public void Verbose(string message) { }

        public void Warning(string message) => Warnings.Enqueue(message);

        public void Drive() => fixture.Drive(id, destination, this);

        /// <summary>Some of it is there, and not all.</summary>
        public Task CopyingAsync()
        {
            var first = fixture.Manager.Get(id).Volumes.Sum(volume => volume.BytesDone);
            return UntilAsync(() =>
                fixture.Manager.Get(id) is { State: ConversionState.Copying } conversion
                && conversion.Volumes.Sum(volume => volume.BytesDone) > first
                && !conversion.IsCopied
            );
        }

        public async Task UntilAsync(Func<bool> isSo)
        {
            using var limit = new CancellationTokenSource(Timeout);
            while (!isSo())
            {
                var conversion = fixture.Manager.Get(id);
                Assert.False(conversion.State == ConversionState.Failed, conversion.Error?.ToString());
                await Task.Delay(100, limit.Token);
            }
        }

        public Task LiftLimitAsync() => fixture.Manager.LimitAsync(id, null, CancellationToken.None);

        public async Task<Conversion> EndAsync()
        {
            await LiftLimitAsync();
            using var limit = new CancellationTokenSource(Timeout);
            return await fixture.Manager.WaitAsync(id, null, limit.Token);
        }

        public async ValueTask DisposeAsync()
        {
            // One that was removed needs no stop.
            if (fixture.Manager.List().Any(conversion => conversion.Id == id))
            {
                await fixture.Manager.StopAsync(id, CancellationToken.None);
            }

            await destination.DisposeAsync();
        }
    }
}
