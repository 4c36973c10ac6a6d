using System.Globalization;
using LinuxP2V.Bench.Machine;

namespace LinuxP2V.Bench.Data;

/// <summary>A data set on a file system of its own, read-only unless it is being changed: no reader leaves a trace in it.</summary>
internal sealed class SourceVolume : IAsyncDisposable
{
    private readonly LoopVolume volume;

    private SourceVolume(LoopVolume volume, DataSet data) => (this.volume, Data) = (volume, data);

    public DataSet Data { get; }

    public string Folder => volume.MountPoint;

    public string Device => volume.Device;

    public long VolumeBytes => volume.SizeBytes;

    /// <summary>Of all files, each counted once however many names it has; holes do not count.</summary>
    public long Bytes { get; private set; }

    /// <summary>Names of files of every type, folders too.</summary>
    public long Entries { get; private set; }

    public static async Task<SourceVolume> CreateAsync(WorkFolder work, string name, DataSet data, CancellationToken cancellationToken)
    {
        var volume = await LoopVolume.CreateAsync(work, name, data.VolumeBytes, cancellationToken);
        try
        {
            await data.FillAsync(volume.MountPoint, cancellationToken);
            var source = new SourceVolume(volume, data);
            await source.SettleAsync(cancellationToken);
            return source;
        }
        catch
        {
            await volume.DisposeAsync();
            throw;
        }
    }

    /// <summary>Changes the files and counts them anew.</summary>
    public async Task ChangeAsync(Action<string> change, CancellationToken cancellationToken)
    {
        await volume.SetReadOnlyAsync(false, cancellationToken);
        change(Folder);
        await SettleAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => volume.DisposeAsync();

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        await Shell.RunAsync("sync -f \"$1\"", [Folder], cancellationToken);
        await volume.SetReadOnlyAsync(true, cancellationToken);
        var counts = await Shell.RunAsync(
            """
            cd "$1"
            find . -xdev -path ./lost+found -prune -o -printf '%y %i %s %b\n' |
              awk '
                { n++ }
                $1 == "f" && !($2 in seen) { seen[$2] = 1; bytes += ($4 * 512 < $3 ? $4 * 512 : $3) }
                END { printf "%d %.0f\n", n, bytes }'
            """,
            [Folder],
            cancellationToken
        );
        var numbers = counts.Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        (Entries, Bytes) = (numbers[0], numbers[1]);
    }
}
