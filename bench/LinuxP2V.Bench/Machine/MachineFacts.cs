using System.Globalization;

namespace LinuxP2V.Bench.Machine;

/// <summary>What the numbers were measured on; neither host names nor paths.</summary>
internal sealed record MachineFacts(string Processor, int Cores, double MemoryGB, string Kernel, string System, IReadOnlyList<string> Tools)
{
    /// <summary>All but the tools, for people.</summary>
    public string Text =>
        string.Create(CultureInfo.InvariantCulture, $"{Processor}, {Cores} cores, {MemoryGB:0} GB, Linux {Kernel}, {System}");

    public static async Task<MachineFacts> ReadAsync(CancellationToken cancellationToken)
    {
        var memory = Field("/proc/meminfo", "MemTotal").Split(' ')[0];
        var tools = await Shell.RunAsync(
            """
            ssh -V 2>&1 | cut -d, -f1
            tar --version | head -1
            rsync --version | sed -n '1s/  */ /g; 1s/ protocol.*//; 1p'
            """,
            [],
            cancellationToken
        );
        return new MachineFacts(
            Field("/proc/cpuinfo", "model name"),
            Environment.ProcessorCount,
            double.Parse(memory, CultureInfo.InvariantCulture) * 1024 / 1e9,
            (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellationToken)).Trim(),
            Field("/etc/os-release", "PRETTY_NAME", '=').Trim('"'),
            [.. tools.Split('\n', StringSplitOptions.RemoveEmptyEntries)]
        );
    }

    private static string Field(string file, string name, char separator = ':') =>
        File.ReadLines(file)
            .Select(line => line.Split(separator, 2))
            .Where(pair => pair.Length == 2 && pair[0].Trim() == name)
            .Select(pair => pair[1].Trim())
            .FirstOrDefault("unknown");
}
