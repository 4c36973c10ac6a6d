using System.Globalization;

namespace LinuxP2V.Lab.Machines;

/// <summary>
/// How long a process was ready to run while other processes had the processors, by the kernel's scheduler statistics.
/// A wait for an emulated machine leaves this time out, so that it does not give up on a machine of a busy host.
/// </summary>
internal static class ProcessorWait
{
    private const long NanosecondsPerTick = 100;

    /// <returns>Since the process began, of the thread that waited longest; zero where the process is gone.</returns>
    public static TimeSpan Of(int processId)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{processId}/task").Select(OfThread).DefaultIfEmpty().Max();
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }

    /// <summary>The file holds the time on a processor, the time of waiting for one, both in nanoseconds, and a count.</summary>
    private static TimeSpan OfThread(string folder)
    {
        var fields = File.ReadAllText(Path.Combine(folder, "schedstat")).Split(' ');
        return TimeSpan.FromTicks(long.Parse(fields[1], CultureInfo.InvariantCulture) / NanosecondsPerTick);
    }
}
