namespace LinuxP2V.Bench.Data;

/// <summary>Files that are nearly all holes, as images of virtual disks are.</summary>
internal sealed class SparseFiles(bool isQuick) : DataSet(isQuick)
{
    private const int Files = 4;
    private const long MiB = 1 << 20;

    /// <summary>Of each file; a MiB of data lies somewhere in each.</summary>
    private int Parts => IsQuick ? 40 : 250;

    private long FileBytes => (IsQuick ? 512 : 4096) * MiB;

    public override long DataBytes => Files * Parts * MiB;

    public override long VolumeBytes => DataBytes + (512 * MiB);

    public override string Description => $"{Files} files of {FileBytes / MiB} MiB that hold {DataBytes / MiB} MiB of data";

    public override async Task FillAsync(string folder, CancellationToken cancellationToken)
    {
        var random = new Random(3);
        var buffer = new byte[MiB];
        for (var i = 0; i < Files; i++)
        {
            await using var file = new FileStream(
                Path.Combine(folder, Name("sparse", i)),
                FileMode.Create,
                FileAccess.Write,
                FileShare.None,
                1
            );
            file.SetLength(FileBytes);
            var part = FileBytes / Parts;
            for (var p = 0; p < Parts; p++)
            {
                Filler.Noise(buffer);
                file.Position = (p * part) + (random.NextInt64((part - MiB) / 4096) * 4096);
                await file.WriteAsync(buffer, cancellationToken);
            }
        }
    }
}
