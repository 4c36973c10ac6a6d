namespace LinuxP2V.Bench.Machine;

internal static class Caches
{
    /// <summary>Writes everything to the disk and forgets what was read: the next run starts cold and alone.</summary>
    public static Task DropAsync(CancellationToken cancellationToken) =>
        Shell.RunAsync("sync; echo 3 > /proc/sys/vm/drop_caches", [], cancellationToken);
}
