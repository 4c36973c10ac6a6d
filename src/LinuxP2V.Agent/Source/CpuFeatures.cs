namespace LinuxP2V.Agent.Source;

/// <summary>What the helper's own CPU can do.</summary>
internal static class CpuFeatures
{
    /// <summary>A script that prints "aes" where the CPU has instructions for it, x86 or ARM.</summary>
    public const string AesScript = "grep -qw aes /proc/cpuinfo 2>/dev/null && echo aes";

    public static bool HasAes { get; } = ReadHasAes();

    private static bool ReadHasAes()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo")
                .Where(line => line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("Features", StringComparison.Ordinal))
                .Take(1)
                .Any(line => line.Split(' ').Contains("aes"));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
