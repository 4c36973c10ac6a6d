using System.Globalization;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;

namespace LinuxP2V.Bench.Shapes;

/// <summary>What is slower than this machine: the disks at both ends, or the line between them.</summary>
internal sealed record Regime(DiskSpeed? Disk = null, LineSpeed? Line = null)
{
    /// <summary>For the page, behind the description of the data.</summary>
    public string Description =>
        (Disk, Line) switch
        {
            ({ } disk, _) => string.Create(
                CultureInfo.InvariantCulture,
                $"disks of {disk.MegabytesPerSecond} MB/s and {disk.RequestsPerSecond} requests/s at both ends"
            ),
            (_, { } line) => string.Create(
                CultureInfo.InvariantCulture,
                $"a line of {line.MegabitsPerSecond} Mbit/s, {2 * line.Delay.TotalMilliseconds:0} ms there and back"
            ),
            _ => "this machine as it is",
        };

    /// <summary>Makes disks and line slow until it is disposed.</summary>
    /// <exception cref="BenchException">The kernel cannot slow down disks.</exception>
    public async Task<IAsyncDisposable> ApplyAsync(ShapeContext context, SourceVolume source, CancellationToken cancellationToken)
    {
        if (Disk is not null && !DiskSpeed.CanBeSet)
            throw new BenchException("This kernel cannot slow down disks.");

        var (work, server) = (context.Agent.Work, context.Agent.Server);
        work.DiskSpeed = Disk;
        await DiskSpeed.SetAsync(Disk, source.Device, cancellationToken);
        await server.GoThroughAsync(Line, cancellationToken);
        return new Applied(work, server, source);
    }

    private sealed class Applied(WorkFolder work, SshServer server, SourceVolume source) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            work.DiskSpeed = null;
            await DiskSpeed.SetAsync(null, source.Device, CancellationToken.None);
            await server.GoThroughAsync(null, CancellationToken.None);
        }
    }
}
