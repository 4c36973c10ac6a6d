using System.Globalization;

namespace LinuxP2V.Bench.Machine;

/// <summary>How fast a loop device reads and writes, each for itself, where the kernel can be told.</summary>
internal sealed record DiskSpeed(int MegabytesPerSecond, int RequestsPerSecond)
{
    private const string Controls = "/sys/fs/cgroup/blkio/blkio.throttle";

    /// <summary>The kernel throttles devices for all programs: control groups of the first version.</summary>
    public static bool CanBeSet => File.Exists($"{Controls}.read_bps_device");

    /// <param name="speed">null: as fast as it is.</param>
    public static async Task SetAsync(DiskSpeed? speed, string device, CancellationToken cancellationToken)
    {
        if (!CanBeSet)
            return;

        var number = (await Shell.RunAsync("cat \"/sys/class/block/${1##*/}/dev\"", [device], cancellationToken)).Trim();
        foreach (var direction in new[] { "read", "write" })
        {
            // The kernel takes one line at a time; 0 takes a limit away.
            await WriteAsync($"{direction}_bps_device", number, (speed?.MegabytesPerSecond ?? 0) * 1_000_000L, cancellationToken);
            await WriteAsync($"{direction}_iops_device", number, speed?.RequestsPerSecond ?? 0, cancellationToken);
        }
    }

    private static Task WriteAsync(string control, string device, long value, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(
            $"{Controls}.{control}",
            string.Create(CultureInfo.InvariantCulture, $"{device} {value}\n"),
            cancellationToken
        );
}
