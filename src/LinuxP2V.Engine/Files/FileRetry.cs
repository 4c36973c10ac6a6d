using System.Diagnostics;

namespace LinuxP2V.Engine.Files;

/// <summary>
/// Repeats an operation on a file that is refused for a moment, as on Windows while a virus scanner, an indexer, a
/// backup or a reader of our own has the file open.
/// </summary>
internal sealed class FileRetry(TimeSpan timeout)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="operation">Done anew each time: it must not leave half of itself behind when it fails.</param>
    /// <exception cref="Exception">What the operation threw last, or what no wait mends.</exception>
    public T Run<T>(Func<T> operation)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return operation();
            }
            catch (Exception exception) when (FileFailure.MayPass(exception) && waited.Elapsed < timeout)
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
