using System.IO.Compression;
using System.IO.Pipelines;

namespace LinuxP2V.Agent.Listing;

/// <summary>What is unzipped beside other work, so far ahead of its reader as the bound lets it.</summary>
internal sealed class BackgroundDecompressor : IAsyncDisposable
{
    /// <summary>The list of some 400 000 files.</summary>
    private const int MostBytes = 32 << 20;

    private const int BufferBytes = 1 << 16;

    private readonly Pipe pipe = new(
        new PipeOptions(
            pauseWriterThreshold: MostBytes,
            resumeWriterThreshold: MostBytes - BufferBytes,
            minimumSegmentSize: BufferBytes,
            useSynchronizationContext: false
        )
    );

    private readonly Task filling;

    /// <param name="zipped">Closed by it.</param>
    public BackgroundDecompressor(Stream zipped)
    {
        Stream = pipe.Reader.AsStream();
        filling = Task.Run(() => FillAsync(zipped));
    }

    /// <summary>What is in it, to be read once; throws <see cref="InvalidDataException"/> where it is damaged.</summary>
    public Stream Stream { get; }

    public async ValueTask DisposeAsync()
    {
        // With its reader gone, filling ends at its next flush, or at the one that it waits in.
        await pipe.Reader.CompleteAsync();
        await filling;
    }

    /// <summary>The reader gets the exception.</summary>
    private async Task FillAsync(Stream zipped)
    {
        Exception? problem = null;
        try
        {
            await using var unzipped = new GZipStream(zipped, CompressionMode.Decompress);
            while (unzipped.Read(pipe.Writer.GetSpan(BufferBytes)) is var count and > 0)
            {
                pipe.Writer.Advance(count);
                if ((await pipe.Writer.FlushAsync()).IsCompleted)
                    break;
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            problem = exception;
        }

        await pipe.Writer.CompleteAsync(problem);
    }
}
