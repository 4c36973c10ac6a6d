using System.Runtime.ExceptionServices;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Session;

/// <summary>Works on a few volumes at a time.</summary>
internal static class VolumeQueue
{
    /// <summary>Begins in order. The first failure cancels what still runs; it is what is thrown, once all have ended.</summary>
    public static async Task RunAsync(
        IReadOnlyList<TargetVolume> volumes,
        int atOnce,
        Func<TargetVolume, CancellationToken, Task> actAsync,
        CancellationToken cancellationToken
    )
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var places = new SemaphoreSlim(atOnce);
        var failures = new List<ExceptionDispatchInfo>();
        var running = new List<Task>();
        foreach (var volume in volumes)
        {
            await places.WaitAsync(CancellationToken.None);
            if (failed.IsCancellationRequested)
                break;

            running.Add(RunOneAsync(volume));
        }

        await Task.WhenAll(running);
        cancellationToken.ThrowIfCancellationRequested();
        if (failures.Count > 0)
            failures[0].Throw();

        async Task RunOneAsync(TargetVolume volume)
        {
            try
            {
                await actAsync(volume, failed.Token);
            }
            catch (Exception exception)
            {
                lock (failures)
                {
                    failures.Add(ExceptionDispatchInfo.Capture(exception));
                }

                await failed.CancelAsync();
            }
            finally
            {
                places.Release();
            }
        }
    }
}
