using LinuxP2V.Agent.Source;

namespace LinuxP2V.Agent.Copy.Transfer;

/// <summary>
/// What tar on the source says of one file, without its data: the stream is cut behind the header.
/// </summary>
/// <param name="Archive">An archive with an empty file of the name <see cref="PlaceholderName"/> that has all of its metadata.</param>
/// <param name="IsFile">A regular file; else the archive is empty.</param>
internal sealed record SourceHeader(bool IsFile, long Size, long ModifyTime, byte[] Archive)
{
    public const string PlaceholderName = "file";

    /// <returns>null when it is gone, or cannot be read: the words tell.</returns>
    /// <exception cref="AgentException">SourceConnectionLost, CopyFailed.</exception>
    public static async Task<SourceHeader?> ReadAsync(
        TransferContext context, int entry, SourceWords words, ISourceLane lane, CancellationToken cancellationToken)
    {
        SourceHeader? header = null;
        var names = new ShardNames(context.Manifest, [entry]);
        var meter = new TarMeter((in TarMember member) => header ??= From(member));
        using var stream = lane.Start(
            context.Script.Asked(isSparse: false), words.OnLine, (input, token) => input.WriteAsync(names.List, token).AsTask());
        await using var registration = cancellationToken.Register(stream.Kill);
        var from = context.Work.Streams.Limiter.Throttle(stream.Output, cancellationToken);
        var buffer = new byte[1 << 12];
        try
        {
            while (header is null && await from.ReadAsync(buffer, cancellationToken) is var count and > 0)
                meter.Add(buffer.AsSpan(0, count));
        }
        catch (IOException)
        {
            // Told by the one who waits for the command's end.
        }

        if (header is not null)
        {
            stream.Kill();
            return header;
        }

        var exitCode = await stream.WaitAsync(cancellationToken);
        words.Judge(context.Work, exitCode, meter);
        return null;
    }

    private static SourceHeader From(in TarMember member)
    {
        if (member.Type is not ('0' or '7' or '\0') || member.IsSparse)
            return new SourceHeader(false, 0, 0, []);

        using var archive = new MemoryStream();
        TarWriter.WriteEmptyFile(member, PlaceholderName, archive);
        TarWriter.WriteEnd(archive);
        return new SourceHeader(true, member.DataBytes, member.ModifyTime, archive.ToArray());
    }
}
