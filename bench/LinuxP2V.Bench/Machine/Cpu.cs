using System.Globalization;

namespace LinuxP2V.Bench.Machine;

/// <summary>CPU time as the kernel counts it, in hundredths of a second.</summary>
internal static class Cpu
{
    private const double TicksPerSecond = 100;

    /// <summary>user nice system, not idle iowait, irq softirq; what a hypervisor took away is not ours.</summary>
    private static readonly int[] BusyFields = [1, 2, 3, 6, 7];

    /// <summary>Seconds of all programs and the kernel since boot.</summary>
    public static double OfAll()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return BusyFields.Sum(i => double.Parse(fields[i], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Of one process since it started, without its children.</summary>
    /// <exception cref="IOException">There is no such process any more.</exception>
    public static double OfProcess(int id) =>
        Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"))).Seconds;

    /// <summary>All that live now, by what tells them apart: the number may come again, not at the same time.</summary>
    public static Dictionary<string, (string Name, double Seconds)> OfEach()
    {
        var found = new Dictionary<string, (string, double)>();
        foreach (
            var folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1]) && char.IsAsciiDigit(path[6]))
        )
        {
            try
            {
                var (name, seconds, started) = Parse(File.ReadAllText(folder + "/stat"));
                found[$"{folder} {started}"] = (name, seconds);
            }
            catch (IOException)
            {
                // Ended meanwhile.
            }
        }

        return found;
    }

    private static (string Name, double Seconds, string Started) Parse(string stat)
    {
        // The name, in parentheses, may hold spaces.
        var (open, close) = (stat.IndexOf('('), stat.LastIndexOf(')'));
        var fields = stat[(close + 2)..].Split(' ');
        var ticks = double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
        return (stat[(open + 1)..close], ticks / TicksPerSecond, fields[19]);
    }
}
