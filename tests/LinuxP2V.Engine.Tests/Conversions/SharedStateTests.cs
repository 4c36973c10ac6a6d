using System.Diagnostics;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>What the engine relies on between processes: a lock that goes with its process, and files that are replaced whole.</summary>
public sealed class SharedStateTests : ConversionTestBase
{
    [Fact]
    public async Task The_lock_of_another_process_is_seen_and_goes_with_it()
    {
        var (manager, store) = (Manager(), new ConversionStore(Folder));
        var id = manager.Create(NewTask()).Id;
        using (var other = Start("flock", "--no-fork", LockOf(id), "sh", "-c", "echo held; exec sleep 100"))
        {
            Assert.Equal("held", await other.StandardOutput.ReadLineAsync());
            Assert.True(manager.IsDriven(id));
            Assert.Null(store.TryLock(id));
            var refused = Assert.Throws<P2VException>(() => manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance));
            Assert.Equal(ErrorIds.ConversionInUse, refused.ErrorId);
            // As if it had crashed.
            other.Kill();
            await other.WaitForExitAsync(Timeout());
        }

        Assert.False(manager.IsDriven(id));
        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id)).State);
    }

    [Fact]
    public async Task Another_process_sees_the_lock_of_a_run()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        Assert.Equal(1, await RunAsync("flock", "--nonblock", LockOf(id), "true"));
        await manager.StopAsync(id, Timeout());
        Assert.Equal(0, await RunAsync("flock", "--nonblock", LockOf(id), "true"));
    }

    [Fact]
    public async Task Another_process_reads_whole_files_while_they_are_replaced()
    {
        var store = new ConversionStore(Folder);
        var conversion = Manager().Create(NewTask());
        const string Script = "until [ -e \"$2\" ]; do [ \"$(head -c 1 \"$1\")$(tail -c 1 \"$1\")\" = '{}' ] || exit 1; done";
        var end = Path.Combine(Folder, "end");
        var reading = RunAsync("sh", "-c", Script, "sh", FileOf(conversion.Id, ".json"), end);
        for (var save = 0; save < 100; save++)
        {
            store.Save(conversion with { Location = new string('x', save % 7 * 10_000) });
        }

        await File.WriteAllTextAsync(end, "");
        Assert.Equal(0, await reading);
        Assert.Single(Directory.GetFiles(Path.Combine(Folder, "conversions")));
    }

    [Fact]
    public void A_file_system_that_keeps_no_locks_is_refused()
    {
        var id = Manager().Create(NewTask()).Id;
        var error = Assert.Throws<P2VException>(() => new ConversionStore(Folder, new WithoutLocks()).TryLock(id));
        Assert.Equal(ErrorIds.StateNotAccessible, error.ErrorId);
        Assert.Contains("keeps no locks", error.Message, StringComparison.Ordinal);
        // Nothing is held after the refusal.
        using var held = new ConversionStore(Folder).TryLock(id);
        Assert.NotNull(held);
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        await process.WaitForExitAsync(Timeout());
        return process.ExitCode;
    }

    private string LockOf(string id) => FileOf(id, ".lock");

    private string FileOf(string id, string extension) => Path.Combine(Folder, "conversions", id + extension);

    /// <summary>As a share whose server has no lock service: each lock is taken, and nobody sees it.</summary>
    private sealed class WithoutLocks() : StateFiles(WaitTimeout)
    {
        public override bool IsLocked(string path) => false;
    }
}
