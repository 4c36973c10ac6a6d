using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Confinement;
using LinuxP2V.Agent.Tests.Storage;

namespace LinuxP2V.Agent.Tests.Reconfigure.Confinement;

/// <summary>Programs of a copy that try to leave it. The copy has this machine's programs, and is else empty.</summary>
[Collection(ExclusiveTestGroup.Name)]
public sealed class ConfinedCommandTests : IDisposable
{
    private const string Refused = "Operation not permitted";
    private const string ReadOnly = "Read-only file system";

    private readonly BareCopy copy = new();
    private readonly string canary = $"canary-{Guid.NewGuid():N}";

    private string Root => copy.Root;

    public void Dispose() => copy.Dispose();

    [RootFact("python3")]
    public async Task Whatever_it_tries_it_finds_the_copy_and_nothing_else()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Reconfigure/Confinement/attack.py"), Root + "/attack.py");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var hidden = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        hidden.Bind(new UnixDomainSocketEndPoint("\0" + canary));
        hidden.Listen();
        // Another process that holds a secret in its environment.
        var start = new ProcessStartInfo("sleep", ["600"]) { Environment = { ["SECRET"] = canary } };
        using var holder = Process.Start(start)!;
        try
        {
            var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var result = await RunAsync("/usr/bin/python3", "/attack.py", canary, port, canary);
            Assert.True(result.Succeeded, result.LastLines);
            var told = new Dictionary<string, string>();
            foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var name = Names.First(candidate => line.StartsWith(candidate + " ", StringComparison.Ordinal));
                told[name] = line[(name.Length + 1)..];
            }

            Assert.Equal(Expected.Select(pair => $"{pair.Key}: {pair.Value}"), told.Select(pair => $"{pair.Key}: {pair.Value}"));
        }
        finally
        {
            holder.Kill();
        }
    }

    private static readonly Dictionary<string, string> Expected = new()
    {
        ["descriptors"] = "0,1,2",
        ["processes"] = "1",
        ["environments"] = "nothing",
        ["root of the first process"] = "attack.py,bin,dev,etc,lib,lib64,proc,sbin,sys,tmp,usr",
        ["host name"] = "read",
        ["set host name"] = ReadOnly,
        ["core pattern"] = ClosedOrAbsent("/proc/sys/kernel/core_pattern"),
        ["modprobe"] = ClosedOrAbsent("/proc/sys/kernel/modprobe"),
        ["uevent helper"] = ReadOnly,
        ["sysrq"] = ClosedOrAbsent("/proc/sysrq-trigger"),
        ["memory node"] = "Permission denied",
        ["new device"] = ReadOnly,
        ["mount"] = Refused,
        ["unmount"] = Refused,
        ["new mount"] = Refused,
        ["unshare"] = Refused,
        ["other name space"] = Refused,
        ["ptrace"] = Refused,
        ["read memory"] = Refused,
        ["module"] = Refused,
        ["bpf"] = Refused,
        ["reboot"] = Refused,
        ["port"] = Refused,
        ["clock"] = Refused,
        ["x32"] = Refused,
        ["network"] = "Network is unreachable",
        ["abstract socket"] = "Connection refused",
        ["chroot"] = "attack.py,below,bin,dev,etc,lib,lib64,proc,sbin,sys,tmp,usr",
    };

    /// <summary>A kernel without modules, say, has no such file.</summary>
    private static string ClosedOrAbsent(string path) => File.Exists(path) ? ReadOnly : "No such file or directory";

    private static IEnumerable<string> Names => Expected.Keys.OrderByDescending(name => name.Length);

    [RootFact]
    public async Task Input_output_and_exit_code_are_the_programs_and_a_broken_pipe_ends_it_quietly()
    {
        var result = await ConfinedCommand.RunAsync(
            Root,
            ["/bin/sh", "-c", "cat; echo wrong >&2; exit 5"],
            CancellationToken.None,
            "given"
        );
        Assert.Equal(("given", "wrong\n", 5), (result.Output, result.Error, result.ExitCode));
        var piped = await RunAsync("/bin/bash", "-c", "yes | head -n 1; echo ${PIPESTATUS[0]}");
        Assert.Equal(("y\n141\n", ""), (piped.Output, piped.Error));
    }

    [RootFact]
    public async Task What_it_leaves_in_the_background_ends_with_it_and_so_does_all_when_it_is_cancelled()
    {
        var seconds = 100_000 + Random.Shared.Next(100_000);
        await RunAsync("/bin/sh", "-c", $"setsid sleep {seconds} >/dev/null 2>&1 </dev/null & exit 0");
        Assert.NotEqual(0, Shell.Try($"pgrep -fx 'sleep {seconds}'").Code);

        using var cancellation = new CancellationTokenSource();
        var running = ConfinedCommand.RunAsync(Root, ["/bin/sh", "-c", $"setsid sleep {seconds} & wait"], cancellation.Token);
        await UntilAsync(() => Shell.Try($"pgrep -fx 'sleep {seconds}'").Code == 0);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await UntilAsync(() => Shell.Try($"pgrep -fx 'sleep {seconds}'").Code != 0);
    }

    [RootFact]
    public async Task A_program_that_cannot_be_confined_or_is_not_there_is_an_error_and_is_not_run()
    {
        var missing = await Assert.ThrowsAsync<AgentException>(() => RunAsync("/bin/nothing-of-that-name"));
        Assert.Contains("start /bin/nothing-of-that-name: No such file", missing.Error.Detail, StringComparison.Ordinal);
        LoopDisks.Run("umount", Root + "/dev");
        var open = await Assert.ThrowsAsync<AgentException>(() => RunAsync("/bin/touch", "/ran"));
        Assert.Contains("close /dev", open.Error.Detail, StringComparison.Ordinal);
        Assert.False(File.Exists(Root + "/ran"));
    }

    [Fact]
    public void The_filter_has_a_rule_for_each_call_on_both_kinds_of_processor()
    {
        // Eight instructions besides one for each number.
        var numbers = (SyscallFilter.Program().Length / 8) - 11;
        Assert.InRange(numbers, SyscallFilter.Names.Count() * 2 - 8, SyscallFilter.Names.Count() * 2);
    }

    private Task<ToolResult> RunAsync(params string[] command) => ConfinedCommand.RunAsync(Root, command, CancellationToken.None);

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 200 && !condition(); i++)
            await Task.Delay(50);

        Assert.True(condition());
    }
}
