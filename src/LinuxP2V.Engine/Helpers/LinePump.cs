using System.Collections.Concurrent;
using System.Text;

namespace LinuxP2V.Engine.Helpers;

/// <summary>
/// Lines of a stream whose reads block and know no token, as SSH.NET's: read by a thread of its own. On threads of the
/// pool, a few dozen connections would leave none for anything else.
/// </summary>
// The semaphore's handle is never asked for, so there is nothing to free; and the thread may signal it at any time.
#pragma warning disable CA1001
internal sealed class LinePump
#pragma warning restore CA1001
{
    /// <summary>The longest message lists a machine's services, and has some hundred thousand.</summary>
    private const int LongestLine = 16 << 20;

    private readonly ConcurrentQueue<string> lines = new();
    private readonly SemaphoreSlim ready = new(0);
    private volatile Exception? failure;

    /// <param name="stream">Its end, or its disposal, ends the thread.</param>
    public LinePump(Stream stream) => new Thread(() => Pump(stream)) { IsBackground = true, Name = "LinuxP2V agent" }.Start();

    /// <summary>Null when the stream has ended.</summary>
    /// <exception cref="IOException">It broke.</exception>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (lines.TryDequeue(out var line))
        {
            return line;
        }

        // Whoever reads again finds the end again.
        ready.Release();
        return this.failure is { } failure ? throw new IOException(failure.Message, failure) : null;
    }

    /// <returns>Null at the end.</returns>
    private static string? ReadLine(StreamReader reader)
    {
        var line = new StringBuilder();
        while (reader.Read() is var c and >= 0)
        {
            if (c == '\n')
                return line.ToString().TrimEnd('\r');

            line.Append((char)c);
            if (line.Length > LongestLine)
                throw new InvalidDataException($"a line of more than {LongestLine >> 20} million characters");
        }

        return line.Length > 0 ? line.ToString() : null;
    }

    private void Pump(Stream stream)
    {
        try
        {
            // The reader is left alone: closing it would close the stream.
            var reader = new StreamReader(stream, new UTF8Encoding(false));
            while (ReadLine(reader) is { } line)
            {
                lines.Enqueue(line);
                ready.Release();
            }
        }
        catch (Exception exception)
        {
            // On a thread of our own nobody else would hear of it.
            failure = exception;
        }

        ready.Release();
    }
}
