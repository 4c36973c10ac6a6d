using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Hooks;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Tests.Reconfigure.Confinement;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Reconfigure.Hooks;

/// <summary>Scripts of an admin's in a copy that has this machine's programs, and is else empty.</summary>
[Collection(ExclusiveTestGroup.Name)]
public sealed class HookRunnerTests : IDisposable
{
    private readonly BareCopy copy = new();
    private readonly RecordingSink sink = new();

    private string Root => copy.Root;

    public void Dispose() => copy.Dispose();

    [RootFact]
    public async Task Hooks_of_the_moment_change_the_copy_in_their_order_and_are_in_the_log()
    {
        await RunAsync(
            Hook("one", "echo 1 >>/etc/made; cat; echo said; echo wrong >&2"),
            Hook("two", "#!/usr/bin/env bash\n[[ -n $BASH_VERSION ]] && echo 2 >>/etc/made"),
            Hook("later", "touch /etc/later") with
            {
                Moment = HookMoment.BeforeReconfiguration,
            }
        );
        Assert.Equal("1\n2\n", File.ReadAllText(Root + "/etc/made"));
        Assert.False(File.Exists(Root + "/etc/later"));
        Assert.Contains("hook one: said", Log());
        Assert.Contains("hook one: wrong", Log());
        Assert.Empty(Directory.GetFileSystemEntries(Root + "/var/lib/linuxp2v"));
    }

    [RootFact]
    public async Task A_hook_finds_the_copy_alone_and_no_secret()
    {
        var canary = $"canary-{Guid.NewGuid():N}";
        File.WriteAllText($"/tmp/{canary}", "");
        Environment.SetEnvironmentVariable("P2V_HOOK_SECRET", canary);
        try
        {
            await RunAsync(Hook("look", "env; ls /tmp /home /root; cat /proc/*/cmdline /proc/*/environ | tr '\\0' ' '; ls /sys/class/net"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("P2V_HOOK_SECRET", null);
            File.Delete($"/tmp/{canary}");
        }

        Assert.DoesNotContain(Log(), line => line.Contains(canary, StringComparison.Ordinal));
        Assert.Contains("hook look: LC_ALL=C", Log());
    }

    [RootFact]
    public async Task A_failure_ends_the_reconfiguration_unless_it_may_not()
    {
        var failure = await Assert.ThrowsAsync<AgentException>(() => RunAsync(Hook("bad", "exit 7"), Hook("never", "touch /etc/never")));
        Assert.Equal(ErrorIds.HookFailed, failure.Error.Id);
        Assert.Contains("hook bad ended with 7", failure.Error.Cause, StringComparison.Ordinal);
        Assert.False(File.Exists(Root + "/etc/never"));

        await RunAsync(Hook("bad", "exit 7") with { ContinueOnError = true }, Hook("next", "touch /etc/next"));
        Assert.True(File.Exists(Root + "/etc/next"));
        Assert.Contains(sink.Warnings, warning => warning.Contains("hook bad ended with 7", StringComparison.Ordinal));

        failure = await Assert.ThrowsAsync<AgentException>(() => RunAsync(Hook("none", "#!/no/such/program\n")));
        Assert.Equal(ErrorIds.HookFailed, failure.Error.Id);
    }

    [RootFact]
    public async Task One_that_hangs_is_ended_with_all_that_it_started()
    {
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        var failure = await Assert.ThrowsAsync<AgentException>(() =>
            RunAsync(Hook("slow", $"sleep {mark} & sleep {mark}") with { TimeoutSeconds = 2 })
        );
        Assert.Contains("did not end within 2 seconds", failure.Error.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.GetDirectories("/proc").Select(ReadCommandLine),
            line => line.Contains($"sleep\0{mark}", StringComparison.Ordinal)
        );
        Assert.Empty(Directory.GetFileSystemEntries(Root + "/var/lib/linuxp2v"));
    }

    [RootFact]
    public async Task What_it_prints_is_bounded()
    {
        await RunAsync(Hook("loud", "seq 1 200000; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last >&2"));
        var lines = Log().Where(line => line.StartsWith("hook loud: ", StringComparison.Ordinal)).ToList();
        Assert.InRange(lines.Count, 900, 1000);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 1100));
        Assert.Contains(Log(), line => line.Contains("lines; the first 1000 are in the log", StringComparison.Ordinal));
    }

    private static string ReadCommandLine(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private IReadOnlyList<string> Log() => [.. sink.Events.OfType<LogEvent>().Select(entry => entry.Message)];

    private static HookScript Hook(string name, string text) =>
        new()
        {
            Name = name,
            Moment = HookMoment.AfterReconfiguration,
            Text = text + "\n",
        };

    private Task RunAsync(params HookScript[] hooks)
    {
        var options = new ReconfigureOptions { RunningKernel = "6.1", Hooks = hooks };
        var context = new ReconfigureContext(null!, new GuestTarget(Layouts.DebianBios(), options), new CopyRoot(Root), sink);
        return new HookRunner(context).RunAsync(HookMoment.AfterReconfiguration, CancellationToken.None);
    }
}
