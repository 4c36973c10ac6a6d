using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Engine.Tests.Sources;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>Scripts of an admin's on the source before the copy: once, however often the conversion is resumed.</summary>
[Collection(nameof(SshServer))]
public sealed class HookTests(SshServer server) : ConversionTestBase
{
    private readonly ListeningConsole console = new();

    private string Trace => Path.Combine(Folder, "trace");

    private string Runs => File.Exists(Trace) ? File.ReadAllText(Trace) : "";

    [Fact]
    public async Task Hooks_run_once_before_the_copy_and_again_only_where_that_is_asked_for()
    {
        var manager = Manager();
        var id = manager.Create(TaskWith(Hook("a", "echo a >>$T"), Hook("b", "echo b >>$T"))).Id;
        Agent.FailOnce["prepare"] = new ErrorDescription(ErrorIds.AgentFailed, "it broke", "mend it");
        Assert.Equal(ConversionState.Failed, (await DriveAsync(manager, id)).State);
        Assert.Equal("a\nb\n", Runs);

        Agent.FailOnce["copy"] = new ErrorDescription(ErrorIds.AgentFailed, "it broke", "mend it");
        var failed = await DriveAsync(manager, id);
        Assert.Equal(("a\nb\n", ConversionState.Failed), (Runs, failed.State));
        Assert.Equal(["a", "b"], failed.FinishedHooks.Select(done => done.Name));

        // Each once more, and a resume of that not again.
        Agent.FailOnce["copy"] = new ErrorDescription(ErrorIds.AgentFailed, "it broke", "mend it");
        await DriveAsync(manager, id, new ConversionGoal { RepeatHooks = true });
        Assert.Equal("a\nb\na\nb\n", Runs);
        Assert.Equal(ConversionState.Completed, (await DriveAsync(manager, id)).State);
        Assert.Equal("a\nb\na\nb\n", Runs);
    }

    [Fact]
    public async Task One_that_fails_stops_the_conversion_before_anything_is_written_and_runs_again()
    {
        var manager = Manager();
        var id = manager.Create(TaskWith(Hook("a", "echo a >>$T"), Hook("b", "echo b >>$T; [ -e $T.fixed ]"))).Id;
        var failed = await DriveAsync(manager, id);
        Assert.Equal((ConversionState.Failed, ErrorIds.HookFailed), (failed.State, failed.Error!.Id));
        Assert.Contains("hook b ended with 1", failed.Error.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain("prepare", Agent.Ran);

        File.WriteAllText(Trace + ".fixed", "");
        Assert.Equal(ConversionState.Completed, (await DriveAsync(manager, id)).State);
        Assert.Equal("a\nb\nb\n", Runs);
    }

    [Fact]
    public async Task One_that_may_fail_is_a_warning_and_its_output_is_in_the_log()
    {
        var manager = Manager();
        var id = manager.Create(TaskWith(Hook("a", "printf 'said\\033[2J\\n'; exit 4") with { ContinueOnError = true })).Id;
        Assert.Equal(ConversionState.Completed, (await DriveAsync(manager, id)).State);
        Assert.Contains(console.Warnings, warning => warning.Contains("hook a ended with 4", StringComparison.Ordinal));
        var log = string.Concat(Directory.GetFiles(Folder, "*.log", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.Contains("hook a: said\\x1b[2J", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_login_it_cannot_run()
    {
        var manager = Manager();
        var id = manager.Create(TaskWith(Hook("a", "echo a >>$T"))).Id;
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.HelperReady), console);
        manager.Drive(id, Destination, null, Options(), console, goal: new ConversionGoal());
        var failed = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ErrorIds.SourceCredentialRequired, failed.Error!.Id);
        Assert.Equal("", Runs);
    }

    private HookScript Hook(string name, string text) =>
        new()
        {
            Name = name,
            Moment = HookMoment.BeforeCopy,
            Text = $"T={Trace}\n{text}\n",
        };

    private ConversionTask TaskWith(params HookScript[] hooks) =>
        NewTask(new TaskSettings { Hooks = hooks }) with
        {
            Source = new SourceEndpoint
            {
                Host = "127.0.0.1",
                Port = server.Port,
                User = "root",
                HostKeys = [server.HostKey("ed25519")],
            },
        };

    private async Task<Conversion> DriveAsync(ConversionManager manager, string id, ConversionGoal? goal = null)
    {
        var secrets = new SourceSecrets { PrivateKey = server.Key("plain") };
        manager.Drive(id, Destination, secrets, Options(), console, goal: goal);
        return await manager.WaitAsync(id, null, Timeout());
    }
}
