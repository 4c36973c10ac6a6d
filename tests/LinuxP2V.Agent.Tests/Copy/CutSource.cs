using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A source in whose first long stream something happens after so many bytes; it counts what is read.</summary>
/// <param name="isOverAll">The bytes are counted over all streams together.</param>
internal sealed class CutSource(ISource inner, long afterBytes, Action cut, bool isOverAll = false) : ISource
{
    private readonly Lock gate = new();
    private bool isDone;
    private long bytesRead;

    /// <summary>By all streams of lanes.</summary>
    public long BytesRead => Interlocked.Read(ref bytesRead);

    public string Name => inner.Name;

    public Task<SourceResult> RunAsync(string script, CancellationToken cancellationToken) => inner.RunAsync(script, cancellationToken);

    public ISourceStream Start(string script, Action<string>? onError = null) => new CutStream(inner.Start(script, onError), this);

    public async Task<ISourceLane> OpenLaneAsync(CancellationToken cancellationToken) =>
        new CutLane(await inner.OpenLaneAsync(cancellationToken), this);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private void Passed(long bytes, int count)
    {
        lock (gate)
        {
            var all = Interlocked.Add(ref bytesRead, count);
            if (isDone || (isOverAll ? all : bytes) < afterBytes)
                return;

            isDone = true;
        }

        cut();
    }

    private sealed class CutLane(ISourceLane inner, CutSource owner) : ISourceLane
    {
        public bool IsOpen => inner.IsOpen;

        public ISourceStream Start(string script, Action<string>? onError = null, CommandInput? input = null) =>
            new CutStream(inner.Start(script, onError, input), owner);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class CutStream(ISourceStream inner, CutSource owner) : ISourceStream
    {
        public Stream Output { get; } = new CountingStream(inner.Output, owner.Passed);

        public Task<int> WaitAsync(CancellationToken cancellationToken) => inner.WaitAsync(cancellationToken);

        public void Kill() => inner.Kill();

        public void Dispose() => inner.Dispose();
    }

    private sealed class CountingStream(Stream inner, Action<long, int> passed) : ReadOnlyStream
    {
        private long bytes;

        public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await inner.ReadAsync(buffer, cancellationToken));

        private int Count(int count)
        {
            bytes += count;
            passed(bytes, count);
            return count;
        }
    }
}
