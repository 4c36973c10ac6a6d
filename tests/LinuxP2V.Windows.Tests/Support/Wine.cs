using System.Text.RegularExpressions;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Windows.Tests.Support;

/// <summary>
/// Runs Windows programs by Debian's wine64, in a Windows 10 of the tests' own: a folder that is made once for each
/// version of wine and kept.
/// </summary>
internal sealed partial class Wine
{
    private const string Loader = "/usr/lib/wine/wine64";
    private const string Server = "/usr/lib/wine/wineserver64";

    private readonly string prefix;

    private Wine(string prefix) => this.prefix = prefix;

    /// <summary>The user's profile: C:\users\NAME.</summary>
    public string Profile => Path.Combine(prefix, "drive_c", "users", Environment.UserName);

    /// <exception cref="LabException">wine is not there, or the folder could not be made.</exception>
    public static async Task<Wine> StartAsync(string folder)
    {
        var version = (await Command.RunAsync(Loader, ["--version"], CancellationToken.None)).OrThrow("wine64 does not run").Output;
        var prefix = Path.Combine(folder, NotInNames().Replace(version, "-").Trim('-'));
        if (!Directory.Exists(prefix))
        {
            await MakeAsync(prefix);
        }

        return new Wine(prefix);
    }

    /// <summary>A path of this machine as a Windows program names it.</summary>
    public static string PathOf(string path) => "Z:" + path.Replace('/', '\\');

    /// <summary>Runs a program at a terminal of its own, without which PowerShell for Windows ends at once and says nothing.</summary>
    /// <param name="program">Path of this machine.</param>
    /// <param name="output">A file for what it writes; null: the terminal, whose text is in the result.</param>
    /// <exception cref="OperationCanceledException">It did not end in time, and was killed.</exception>
    public Task<CommandResult> RunAsync(
        string program,
        string[] arguments,
        IReadOnlyDictionary<string, string> environment,
        TimeSpan limit,
        string? output = null
    )
    {
        var command = PosixShell.Join([Loader, program, .. arguments]);
        return AtTerminalAsync(output is null ? command : $"{command} > {PosixShell.Join(output)} 2>&1", prefix, environment, limit);
    }

    /// <summary>Ends all that still runs in this Windows, its services among it.</summary>
    public Task StopAsync() => EndAsync(prefix);

    private static async Task MakeAsync(string prefix)
    {
        var unfinished = prefix + ".part";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        Directory.CreateDirectory(unfinished);
        foreach (
            var command in new[]
            {
                PosixShell.Join(Loader, "wineboot", "-i"),
                PosixShell.Join(Loader, "reg", "add", @"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"),
            }
        )
        {
            (await AtTerminalAsync(command, unfinished, new Dictionary<string, string>(), TimeSpan.FromMinutes(10))).OrThrow(
                "wine made no Windows"
            );
        }

        await EndAsync(unfinished);
        Directory.Move(unfinished, prefix);
    }

    private static async Task<CommandResult> AtTerminalAsync(
        string command,
        string prefix,
        IReadOnlyDictionary<string, string> environment,
        TimeSpan limit
    )
    {
        using var timeout = new CancellationTokenSource(limit);
        var all = new Dictionary<string, string>(environment) { ["LC_ALL"] = "C.UTF-8", ["TERM"] = "dumb" };
        foreach (var (name, value) in Settings(prefix))
        {
            all[name] = value;
        }

        return await Command.RunAsync("script", ["-q", "-e", "-c", "exec " + command, "/dev/null"], timeout.Token, environment: all);
    }

    private static async Task EndAsync(string prefix)
    {
        // -k: end all; -w: wait for it.
        foreach (var option in new[] { "-k", "-w" })
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await Command.RunAsync(Server, [option], timeout.Token, environment: Settings(prefix));
        }
    }

    private static Dictionary<string, string> Settings(string prefix) =>
        new()
        {
            ["WINEPREFIX"] = prefix,
            ["WINEDEBUG"] = "-all",
            // No windows, and no browser engine to offer for download.
            ["DISPLAY"] = "",
            ["WINEDLLOVERRIDES"] = "mshtml=",
        };

    [GeneratedRegex("[^A-Za-z0-9.]+")]
    private static partial Regex NotInNames();
}
