namespace LinuxP2V.Bench.Data;

/// <summary>One file of noise, for the bound: so many bytes over ssh with nothing to do but write them.</summary>
internal sealed class RawFile(long bytes) : DataSet(false)
{
    public const string FileName = "raw";

    public override long DataBytes => bytes;

    public override long VolumeBytes => bytes + (256L << 20);

    public override string Description => "one file of noise";

    public override Task FillAsync(string folder, CancellationToken cancellationToken) =>
        new Filler(2).WriteAsync(Path.Combine(folder, FileName), bytes, isText: false, cancellationToken);
}
