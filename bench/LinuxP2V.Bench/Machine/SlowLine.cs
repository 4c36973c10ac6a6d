using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace LinuxP2V.Bench.Machine;

/// <summary>
/// A line of a given speed and delay before a port of the loopback: a proxy, as not every kernel can slow down a device.
/// All connections share the speed, each direction for itself.
/// </summary>
internal sealed class SlowLine : IAsyncDisposable
{
    private const int ChunkBytes = 32 << 10;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly LineSpeed speed;
    private readonly int target;
    private readonly Task accepting;

    private SlowLine(LineSpeed speed, int target)
    {
        (this.speed, this.target) = (speed, target);
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <param name="target">The port behind it.</param>
    public static SlowLine Open(LineSpeed speed, int target) => new(speed, target);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var (up, down) = (new Lane(speed), new Lane(speed));
        while (!stop.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(stop.Token);
            _ = ServeAsync(client, up, down);
        }
    }

    private async Task ServeAsync(TcpClient client, Lane up, Lane down)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                (client.NoDelay, server.NoDelay) = (true, true);
                await Task.WhenAll(CarryAsync(client.Client, server.Client, up), CarryAsync(server.Client, client.Client, down));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One end is gone: both connections end.
            }
        }
    }

    /// <summary>As much is under way as the line holds; the sender waits for more, as TCP lets it.</summary>
    private async Task CarryAsync(Socket from, Socket to, Lane lane)
    {
        var underway = Channel.CreateBounded<(byte[] Bytes, long Arrival)>(
            new BoundedChannelOptions(lane.Capacity(ChunkBytes)) { SingleReader = true, SingleWriter = true }
        );
        var delivering = DeliverAsync(to, underway.Reader);
        try
        {
            var buffer = new byte[ChunkBytes];
            while (await from.ReceiveAsync(buffer, stop.Token) is var count and > 0)
                await underway.Writer.WriteAsync((buffer[..count], lane.Schedule(count)), stop.Token);
        }
        finally
        {
            underway.Writer.Complete();
        }

        await delivering;
    }

    private async Task DeliverAsync(Socket to, ChannelReader<(byte[] Bytes, long Arrival)> underway)
    {
        await foreach (var (bytes, arrival) in underway.ReadAllAsync(stop.Token))
        {
            // A timer is no finer than this: what is due a little later goes with what is due now.
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), arrival) is var wait && wait >= ShortestWait)
                await Task.Delay(wait, stop.Token);

            var left = bytes.AsMemory();
            while (left.Length > 0)
                left = left[await to.SendAsync(left, stop.Token)..];
        }

        to.Shutdown(SocketShutdown.Send);
    }

    /// <summary>One direction.</summary>
    private sealed class Lane(LineSpeed speed)
    {
        private readonly Lock gate = new();
        private long free;

        /// <returns>When so many bytes, behind all that came before, are at the other end.</returns>
        public long Schedule(int bytes)
        {
            lock (gate)
            {
                free = Math.Max(free, Stopwatch.GetTimestamp()) + (long)(bytes / speed.BytesPerSecond * Stopwatch.Frequency);
                return free + (long)(speed.Delay.TotalSeconds * Stopwatch.Frequency);
            }
        }

        /// <summary>Chunks that fill the line, and some more, as routers have buffers.</summary>
        public int Capacity(int chunkBytes) => 8 + (int)(2 * speed.BytesPerSecond * speed.Delay.TotalSeconds / chunkBytes);
    }
}

/// <param name="MegabitsPerSecond">Of each direction.</param>
/// <param name="Delay">From one end to the other: half of what a question and its answer take.</param>
internal sealed record LineSpeed(int MegabitsPerSecond, TimeSpan Delay)
{
    public double BytesPerSecond => MegabitsPerSecond * 1e6 / 8;
}
