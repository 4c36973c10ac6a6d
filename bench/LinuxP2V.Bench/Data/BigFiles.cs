namespace LinuxP2V.Bench.Data;

/// <summary>
/// Few big files of unequal size: the largest is half of all, so that a tool that copies file by file ends with one
/// stream.
/// </summary>
internal sealed class BigFiles(bool isText, bool isQuick) : DataSet(isQuick)
{
    private const long MiB = 1 << 20;

    private static readonly int[] Sixteenths = [8, 3, 3, 1, 1];

    public override long DataBytes => (IsQuick ? 256 : 2048) * MiB;

    public override long VolumeBytes => DataBytes + (512 * MiB);

    public override string Description =>
        $"{DataBytes / MiB} MiB in {Sixteenths.Length} files, " + (isText ? "text like that of logs" : "noise, which nothing compresses");

    public override async Task FillAsync(string folder, CancellationToken cancellationToken)
    {
        var filler = new Filler(1);
        for (var i = 0; i < Sixteenths.Length; i++)
            await filler.WriteAsync(Path.Combine(folder, Name("big", i)), DataBytes / 16 * Sixteenths[i], isText, cancellationToken);
    }
}
