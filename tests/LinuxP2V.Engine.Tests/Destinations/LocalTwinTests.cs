using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Engine.Tests.Destinations.LocalDestinationFixture;

namespace LinuxP2V.Engine.Tests.Destinations;

/// <summary>Twins of a helper VM that runs, with QEMU itself.</summary>
[Collection(nameof(LocalDestinationTests))]
public sealed class LocalTwinTests : IAsyncLifetime
{
    private const string Twin = "vm1-rehearsal";

    private readonly LocalDestinationFixture fixture = new();

    private static CancellationToken None => CancellationToken.None;

    private TwinSpecification Specification => new(ConversionId, fixture.Settings, fixture.ImagePath);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => fixture.DisposeAsync().AsTask();

    [Theory]
    [InlineData(DiskImageFormat.Qcow2)]
    [InlineData(DiskImageFormat.Raw)]
    [InlineData(DiskImageFormat.Vmdk)]
    public async Task A_twin_has_the_disks_of_one_moment_and_changes_nothing_of_them(DiskImageFormat format)
    {
        var destination = await StartHelperAsync(format);
        Assert.Empty(await destination.TestTwinAsync("vm1", None));
        var twin = await destination.CreateTwinAsync("vm1", Specification, None);
        Assert.Equal((Twin, MachinePower.PoweredOff, ConversionId), (twin.Id, twin.Power, twin.ConversionId));
        Assert.Equal(2, twin.MacAddresses.Count);
        Assert.Empty(twin.MacAddresses.Intersect((await destination.GetAsync("vm1", None)).MacAddresses));

        // What the helper writes from here on is not the twin's.
        await OnDiskAsync("write -P 0x5a 0 512");
        await BootAsync(destination);
        await fixture.WaitForConsoleAsync("of one moment", Twin);
        Assert.Contains("of one moment", (await destination.ReadOutputAsync(Twin, None)).Console);
        var picture = await destination.TakeScreenshotAsync(Twin, None);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture!.Take(4));

        await destination.DeleteTwinAsync("vm1", None);
        Assert.False(Directory.Exists(fixture.PathOf("", Twin)));
        Assert.Equal(MachinePower.PoweredOn, (await destination.GetAsync("vm1", None)).Power);
        await AssertNothingIsLeftAsync();
        await OnDiskAsync("read -P 0x5a 0 512");
    }

    [Fact]
    public async Task Another_engine_deletes_the_twin_that_one_left_and_makes_the_next()
    {
        var destination = await StartHelperAsync(DiskImageFormat.Qcow2);
        await destination.CreateTwinAsync("vm1", Specification, None);
        await BootAsync(destination);
        await fixture.WaitForConsoleAsync("of one moment", Twin);

        var next = fixture.Open();
        await next.CreateTwinAsync("vm1", Specification, None);
        await BootAsync(next);
        await fixture.WaitForConsoleAsync("of one moment", Twin);
        await next.DeleteTwinAsync("vm1", None);
        await next.DeleteTwinAsync("vm1", None);
        await AssertNothingIsLeftAsync();
    }

    /// <summary>As when the host was restarted in between.</summary>
    [Fact]
    public async Task A_twin_of_a_VM_that_is_off_meanwhile_is_deleted()
    {
        var destination = await StartHelperAsync(DiskImageFormat.Qcow2);
        await destination.CreateTwinAsync("vm1", Specification, None);
        await destination.PowerOffAsync("vm1", None);
        await destination.DeleteTwinAsync("vm1", None);
        Assert.False(Directory.Exists(fixture.PathOf("", Twin)));
        await destination.PowerOnAsync("vm1", None);
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Without_a_helper_that_runs_there_is_no_twin_and_nothing_stays()
    {
        var destination = fixture.Open();
        await fixture.CreateAsync(destination, Machine());
        var failure = await Assert.ThrowsAsync<P2VException>(() => destination.CreateTwinAsync("vm1", Specification, None));
        Assert.Equal(ErrorIds.TwinNotPossible, failure.ErrorId);
        Assert.False(Directory.Exists(fixture.PathOf("", Twin)));
    }

    [Fact]
    public async Task A_folder_of_somebody_else_is_not_taken_for_a_twin()
    {
        var destination = await StartHelperAsync(DiskImageFormat.Qcow2);
        Directory.CreateDirectory(fixture.PathOf("", Twin));
        File.WriteAllText(fixture.PathOf("mine.txt", Twin), "");
        var failure = await Assert.ThrowsAsync<P2VException>(() => destination.CreateTwinAsync("vm1", Specification, None));
        Assert.Equal(ErrorIds.DestinationNameTaken, failure.ErrorId);
        await destination.DeleteTwinAsync("vm1", None);
        Assert.True(File.Exists(fixture.PathOf("mine.txt", Twin)));
    }

    private async Task<LocalDestination> StartHelperAsync(DiskImageFormat format)
    {
        var destination = fixture.Open(format);
        await fixture.CreateAsync(destination, Machine());
        await fixture.WriteBootDiskAsync("of one moment");
        await destination.PowerOnAsync("vm1", None);
        return destination;
    }

    /// <summary>As the machine that it is, without its helper.</summary>
    private static async Task BootAsync(LocalDestination destination)
    {
        await destination.FinishAsync(Twin, None);
        await destination.PowerOnAsync(Twin, None);
    }

    /// <summary>By qemu-io, within the QEMU of the helper VM.</summary>
    private async Task OnDiskAsync(string command)
    {
        var arguments = new Dictionary<string, object> { ["command-line"] = $"qemu-io disk0 \"{command}\"" };
        var answer = await QmpClient.ExecuteAsync(fixture.PathOf("qmp.sock"), "human-monitor-command", None, arguments);
        // Where a pattern is not found, it says so.
        Assert.Equal("", answer?.GetString());
    }

    private async Task AssertNothingIsLeftAsync()
    {
        foreach (var query in new[] { "query-block-jobs", "query-block-exports" })
            Assert.Equal(0, (await QmpClient.ExecuteAsync(fixture.PathOf("qmp.sock"), query, None))?.GetArrayLength());

        var nodes = await QmpClient.ExecuteAsync(fixture.PathOf("qmp.sock"), "query-named-block-nodes", None);
        Assert.DoesNotContain(
            nodes!.Value.EnumerateArray(),
            node => node.GetProperty("node-name").GetString()!.StartsWith("linuxp2v", StringComparison.Ordinal)
        );
        Assert.Empty(Directory.GetDirectories("/tmp", "linuxp2v-twin-*"));
    }
}
