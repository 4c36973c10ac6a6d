namespace LinuxP2V.Bench.Machine;

internal static class Caches
{
    /// <summary>
    /// A VM whose kernel reports free memory loses it to its host within seconds, and pays for each page that it takes up
    /// again, up to half the time of a run that only reads. A contender that begins to read at once would be ahead of that;
    /// one that makes lists first would not.
    /// </summary>
    private static readonly TimeSpan ReportingTime = TimeSpan.FromSeconds(8);

    private const string PageReporting = "/sys/module/page_reporting";

    /// <summary>The kernel can; whether a host listens cannot be seen from inside.</summary>
    public static bool CanReportMemory => Directory.Exists(PageReporting);

    /// <summary>Writes everything to the disk and forgets what was read: the next run starts cold and alone.</summary>
    public static async Task DropAsync(CancellationToken cancellationToken)
    {
        await Shell.RunAsync("sync; echo 3 > /proc/sys/vm/drop_caches", [], cancellationToken);
        if (CanReportMemory)
            await Task.Delay(ReportingTime, cancellationToken);
    }
}
