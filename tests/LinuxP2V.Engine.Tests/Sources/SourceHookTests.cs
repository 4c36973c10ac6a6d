using System.Collections.Concurrent;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Scripts of an admin's on a source, by a real sshd.</summary>
[Collection(nameof(SshServer))]
public sealed class SourceHookTests(SshServer server)
{
    private readonly RecordingConsole console = new();

    [Fact]
    public async Task It_runs_as_the_login_and_its_output_is_told_with_control_characters_as_text()
    {
        Assert.Equal(3, await RunAsync("id -u; printf 'a\\033[31mb\\n'; echo wrong >&2; cat; exit 3"));
        Assert.Equal(["hook h: 0", "hook h: a\\x1b[31mb", "hook h: wrong"], console.Lines);
    }

    [Theory]
    [InlineData("NOPASSWD: ALL", Elevation.Sudo)]
    [InlineData("ALL", Elevation.SudoWithPassword)]
    public async Task It_becomes_root_by_the_way_that_the_copy_uses(string rule, Elevation elevation)
    {
        server.AllowSudo($"ALL=(ALL) {rule}");
        try
        {
            // What it reads is nothing: no password.
            Assert.Equal(0, await RunAsync("id -u; cat", server.User, elevation));
        }
        finally
        {
            server.AllowSudo(null);
        }

        Assert.Equal(["hook h: 0"], console.Lines);
    }

    [Fact]
    public async Task Another_program_may_read_it_and_quotes_of_any_kind_come_through()
    {
        Assert.Equal(0, await RunAsync("#!/bin/bash\n[[ $BASH_VERSION ]] && echo \"it's (not) `echo a` $((1+1)) \\\\\"\necho '\nlast'"));
        Assert.Equal(["hook h: it's (not) a 2 \\", "hook h: last"], console.Lines);
        Assert.Equal(127, await RunAsync("#!/no/such/program\n"));
    }

    [Fact]
    public async Task It_is_in_no_list_of_processes_and_has_no_file()
    {
        const string Word = "a-word-of-the-script";
        Assert.Equal(0, await RunAsync($"w={Word}; ps -eww -o args | grep -c a-word-of-the-scrip[t]; ls /proc/self/fd >/dev/null; exit 0"));
        Assert.Equal(["hook h: 0"], console.Lines);
    }

    [Fact]
    public async Task One_that_does_not_end_is_ended()
    {
        var started = DateTime.UtcNow;
        Assert.Null(await RunAsync("echo begun; exec sleep 600", seconds: 2));
        Assert.InRange(DateTime.UtcNow - started, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(40));
        Assert.Equal(["hook h: begun"], console.Lines);
        // Its own code of that number is none.
        Assert.Equal(124, await RunAsync("exit 124"));
    }

    [Fact]
    public async Task What_it_prints_is_bounded()
    {
        Assert.Equal(0, await RunAsync("seq 1 1000000; exit 0"));
        Assert.InRange(console.Lines.Sum(line => line.Length), 200_000, 1_000_000);
    }

    [Fact]
    public async Task A_long_script_comes_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 900).Select(number => $": {new string('x', 60)} {number}\n")) + "echo end\n";
        Assert.Equal(0, await RunAsync(text));
        Assert.Equal(["hook h: end"], console.Lines);
    }

    private Task<int?> RunAsync(string text, string user = "root", Elevation elevation = Elevation.None, int seconds = 60) =>
        SourceHook.RunAsync(
            new HookScript
            {
                Name = "h",
                Moment = HookMoment.BeforeCopy,
                Text = text,
                TimeoutSeconds = seconds,
            },
            new SourceEndpoint
            {
                Host = "127.0.0.1",
                Port = server.Port,
                User = user,
                HostKeys = [server.HostKey("ed25519")],
                Elevation = elevation,
            },
            new SourceSecrets { PrivateKey = server.Key("plain"), SudoPassword = SshServer.Password },
            console,
            CancellationToken.None
        );

    private sealed class RecordingConsole : IEngineConsole
    {
        private readonly ConcurrentQueue<string> lines = new();

        public IEnumerable<string> Lines => lines.Where(line => line.StartsWith("hook ", StringComparison.Ordinal));

        public void Verbose(string message) => lines.Enqueue(message);

        public void Warning(string message) => lines.Enqueue(message);
    }
}
