using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Agent.Views;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Views;

/// <summary>A folder stands for the snapshot: the keeper's script asks no more of it than that it can be made and dropped.</summary>
[Trait("Run", "Full")]
public sealed class SnapshotKeeperTests : IDisposable
{
    private readonly TestSshServer server = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;
    private readonly string folder = Directory.CreateTempSubdirectory("p2v-kept-").FullName;
    private readonly string tag = SnapshotName.Of(Guid.NewGuid().ToString(), "").Tag;

    private string Kept => Path.Combine(folder, "kept");

    private string Full => Path.Combine(folder, "full");

    [RootFact]
    public async Task It_is_there_as_long_as_the_keeper_and_its_moment_is_not_later_than_it()
    {
        await using var source = await ConnectAsync();
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        await using var keeper = await StartAsync(source);

        Assert.True(Directory.Exists(Kept));
        Assert.InRange(keeper.Moment, before, long.Parse(Shell.Run($"stat -c %Z {Kept}"), null));
        Assert.Equal(new SnapshotEnd(null, true), await keeper.EndAsync());
        Assert.False(Directory.Exists(Kept));
        Assert.False(keeper.Broken.IsCompleted);
    }

    [RootFact]
    public async Task An_overflow_is_told_while_it_lasts_and_again_at_the_end()
    {
        await using var source = await ConnectAsync();
        await using var keeper = await StartAsync(source);

        await File.WriteAllTextAsync(Full, "");

        var error = await keeper.Broken.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((ErrorIds.SnapshotOverflow, "The snapshot of /data is full: no room."), (error.Error.Id, error.Error.Cause));
        Assert.Equal(new SnapshotEnd(error, true), await keeper.EndAsync());
    }

    [RootFact]
    public async Task An_overflow_that_nobody_saw_yet_is_seen_at_the_end()
    {
        await using var source = await ConnectAsync();
        await using var keeper = await StartAsync(source, watch: ":");

        await File.WriteAllTextAsync(Full, "");

        var end = await keeper.EndAsync();
        Assert.Equal((ErrorIds.SnapshotOverflow, true), (end.Broken?.Error.Id, end.IsRemoved));
    }

    [RootFact]
    public async Task It_goes_when_the_connection_breaks()
    {
        await using var source = await ConnectAsync();
        await using var keeper = await StartAsync(source);

        server.Stop();

        Assert.Equal(ErrorIds.SnapshotFailed, (await keeper.Broken.WaitAsync(TimeSpan.FromSeconds(30))).Error.Id);
        await AssertGoneAsync();
    }

    /// <summary>As when the helper's host loses its power: nothing comes any more, and no connection ends.</summary>
    [RootFact]
    public async Task It_goes_when_the_other_end_falls_silent()
    {
        await using var source = await ConnectAsync();
        await using var keeper = await StartAsync(source, silentSeconds: 6);
        // Signs come every ten seconds: the first came with the start.
        await AssertGoneAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(ErrorIds.SnapshotFailed, (await keeper.Broken.WaitAsync(TimeSpan.FromSeconds(30))).Error.Id);
    }

    [RootFact]
    public async Task It_stays_as_long_as_the_other_end_gives_signs()
    {
        await using var source = await ConnectAsync();
        await using var keeper = await StartAsync(source, silentSeconds: 15);

        await Task.Delay(TimeSpan.FromSeconds(40));

        Assert.True(Directory.Exists(Kept));
        Assert.Equal(new SnapshotEnd(null, true), await keeper.EndAsync());
    }

    [RootFact]
    public async Task One_that_outlived_its_run_is_ended_by_the_next_run()
    {
        await using var source = await ConnectAsync();
        await using var keeper = await StartAsync(source);

        await using var another = await StartAsync(
            source,
            make: $"while [ -d {Kept} ]; do sleep 0.1; done; mkdir {Kept}2",
            drop: $"rmdir {Kept}2"
        );

        await AssertGoneAsync();
        Assert.True(Directory.Exists(Kept + "2"));
        Assert.Equal(ErrorIds.SnapshotFailed, (await keeper.Broken.WaitAsync(TimeSpan.FromSeconds(30))).Error.Id);
    }

    [RootFact]
    public async Task One_that_cannot_be_made_gives_the_tools_output_and_is_removed()
    {
        await using var source = await ConnectAsync();

        var error = await Assert.ThrowsAsync<AgentException>(() =>
            StartAsync(source, make: $"mkdir {Kept}; echo 'no such group' >&2; exit 3")
        );

        Assert.Equal(ErrorIds.SnapshotFailed, error.Error.Id);
        Assert.Contains("no such group", error.Error.Detail, StringComparison.Ordinal);
        await AssertGoneAsync();
    }

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(state, recursive: true);
        Directory.Delete(folder, recursive: true);
    }

    private Task<ISource> ConnectAsync() => new SshSourceConnector(state).ConnectAsync(server.Access(), new EventRecorder(), default);

    private Task<SnapshotKeeper> StartAsync(
        ISource source,
        string? make = null,
        string? watch = null,
        string? drop = null,
        int silentSeconds = 60
    )
    {
        var look = $"[ ! -e {Full} ] || {{ echo {SnapshotKeeper.BrokenWord} no room; return 1; }}";
        return SnapshotKeeper.StartAsync(
            source,
            "/data",
            SnapshotKeeper.Script(
                tag,
                make ?? $"mkdir {Kept}",
                watch ?? look,
                look,
                drop ?? $"[ ! -d {Kept} ] || rmdir {Kept}",
                silentSeconds
            ),
            default
        );
    }

    private async Task AssertGoneAsync(TimeSpan? limit = null)
    {
        var end = DateTime.UtcNow + (limit ?? TimeSpan.FromSeconds(10));
        while (Directory.Exists(Kept) && DateTime.UtcNow < end)
            await Task.Delay(50);
        Assert.False(Directory.Exists(Kept));
    }
}
