using System.Diagnostics;
using System.Globalization;

namespace LinuxP2V.Tests.Shared;

/// <summary>An sshd of a test, which can be stopped as a machine that drops out is, and started again at the same port.</summary>
/// <param name="log">What it says is added to this file.</param>
/// <param name="command">Becomes an sshd that stays in the foreground and writes that log.</param>
internal sealed class SshDaemon(string log, IReadOnlyList<string> command) : IDisposable
{
    private const string UpWord = "Server listening on";

    private Process? process;

    private bool IsRunning => process is { HasExited: false };

    /// <summary>Returns once it takes connections; at once when it does already.</summary>
    /// <exception cref="InvalidOperationException">It did not start within some seconds.</exception>
    public void Start()
    {
        if (IsRunning)
            return;

        var earlier = Starts();
        for (var i = 0; i < 200; i++)
        {
            // By its own word: a session of the one before may still hold the port, and take the connection that would show it.
            if (IsRunning && Starts() > earlier)
                return;

            if (!IsRunning)
            {
                process?.Dispose();
                process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)))!;
            }

            Thread.Sleep(50);
        }

        throw new InvalidOperationException("sshd did not start: " + File.ReadAllText(log));
    }

    /// <summary>
    /// Ends the listener and every connection. The commands behind them lose their ends of it and nothing else, as on a
    /// source that cannot be reached any more: what they do then is their own.
    /// </summary>
    public void Stop()
    {
        if (process is null)
            return;

        foreach (var id in IsRunning ? Daemons(process.Id) : [])
        {
            try
            {
                using var one = Process.GetProcessById(id);
                one.Kill();
            }
            catch (ArgumentException)
            {
                // Ended by itself.
            }
        }

        process.WaitForExit();
        process.Dispose();
        process = null;
    }

    /// <summary>Ends what still runs behind its connections too.</summary>
    public void Dispose()
    {
        process?.Kill(entireProcessTree: true);
        Stop();
    }

    private int Starts() => File.Exists(log) ? File.ReadLines(log).Count(line => line.Contains(UpWord, StringComparison.Ordinal)) : 0;

    /// <summary>The ids of the listener and of the sshd processes below it; the listener first, which makes them.</summary>
    private static List<int> Daemons(int listener)
    {
        var processes = Directory.GetDirectories("/proc").Select(ReadStat).OfType<(int Id, string Name, int Parent)>().ToList();
        var found = new List<int> { listener };
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(
                processes
                    .Where(one => one.Parent == found[i] && one.Name.StartsWith("sshd", StringComparison.Ordinal))
                    .Select(one => one.Id)
            );
        }

        return found;
    }

    private static (int Id, string Name, int Parent)? ReadStat(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return null;

        try
        {
            // id (name) state parent ...
            var stat = File.ReadAllText(folder + "/stat");
            var (start, end) = (stat.IndexOf('(', StringComparison.Ordinal), stat.LastIndexOf(')'));
            return (id, stat[(start + 1)..end], int.Parse(stat[(end + 2)..].Split(' ')[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // Ended meanwhile.
            return null;
        }
    }
}
