using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Rehearsals;

namespace LinuxP2V.Engine.Tests.Rehearsals;

/// <summary>What counts as up, with a twin that says what the test gives it.</summary>
public sealed class BootWatchTests
{
    private static readonly Rehearsal Begun = new() { ConversionId = "abcdefghijkl", StartedAt = DateTimeOffset.UtcNow };

    [Theory]
    [InlineData("running", true)]
    [InlineData("degraded", true)]
    [InlineData("maintenance", false)]
    public async Task The_twin_s_own_report_decides(string state, bool isUp)
    {
        var twin = new ScriptedTwin { Report = $"begin\nunit a.service loaded failed\nstate {state}\nend\n" };
        var result = await WatchAsync(twin);
        Assert.Equal((isUp, state), (result.Booted, result.SystemState));
        Assert.Equal(["a.service"], result.FailedUnits);
        Assert.Equal(isUp ? ["UserSpace", "SystemUp"] : ["UserSpace"], result.Stages.Select(stage => stage.Name));
        Assert.Contains(isUp ? state : "emergency mode", result.Reason);
    }

    [Fact]
    public async Task A_twin_that_says_nothing_has_not_booted()
    {
        var result = await WatchAsync(new ScriptedTwin());
        Assert.False(result.Booted);
        Assert.Equal("Nothing was heard of it within 3 s. Its screen shows how far it came.", result.Reason);
    }

    [Fact]
    public async Task A_twin_that_did_not_come_to_the_end_tells_how_far_it_came()
    {
        var result = await WatchAsync(new ScriptedTwin { Report = "begin\n", Console = "starting\r\n" });
        Assert.False(result.Booted);
        Assert.Matches(@"not up within 3 s; the last that was seen: UserSpace after \d+ s", result.Reason);
        Assert.Equal(["starting"], result.ConsoleLines);
    }

    [Fact]
    public async Task A_twin_that_powers_itself_off_has_not_booted()
    {
        var result = await WatchAsync(new ScriptedTwin { Power = MachinePower.PoweredOff });
        Assert.False(result.Booted);
        Assert.Contains("powered itself off", result.Reason);
    }

    [Fact]
    public async Task The_user_s_proof_is_asked_until_it_holds()
    {
        var asked = 0;
        var options = new RehearsalOptions { BootTimeout = TimeSpan.FromMinutes(1), Until = (_, _) => Task.FromResult(++asked == 2) };
        var result = await WatchAsync(new ScriptedTwin { Report = "begin\nstate running\nend\n" }, options);
        Assert.True(result.Booted);
        Assert.Equal((2, "Until"), (asked, result.Stages[^1].Name));

        var never = options with { BootTimeout = TimeSpan.FromSeconds(1), Until = (_, _) => Task.FromResult(false) };
        result = await WatchAsync(new ScriptedTwin { Report = "begin\nstate running\nend\n" }, never);
        Assert.False(result.Booted);
        Assert.Contains("-Until", result.Reason);
    }

    private static async Task<Rehearsal> WatchAsync(ScriptedTwin twin, RehearsalOptions? options = null)
    {
        var watch = new BootWatch(
            twin,
            "twin",
            options ?? new RehearsalOptions { BootTimeout = TimeSpan.FromSeconds(3) },
            NullConsole.Instance
        );
        return await watch.ProveAsync(await watch.RunAsync(Begun, CancellationToken.None), CancellationToken.None);
    }

    private sealed class ScriptedTwin : TwinStub
    {
        public string Console { get; init; } = "";

        public string Report { get; init; } = "";

        public MachinePower Power { get; init; } = MachinePower.PoweredOn;

        public override Task<TwinOutput> ReadOutputAsync(string twinId, CancellationToken cancellationToken) =>
            Task.FromResult(new TwinOutput(Console, Report, null));

        public override Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken) =>
            Task.FromResult(new DestinationMachine(machineId, machineId, Power, "here", []));
    }
}
