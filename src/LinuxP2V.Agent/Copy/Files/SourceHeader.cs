using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// What tar on the source says of one file, without its data: the stream is cut behind the header.
/// </summary>
/// <param name="Archive">An archive with an empty file of the name <see cref="PlaceholderName"/> that has all of its metadata.</param>
/// <param name="IsFile">A regular file; else the archive is empty.</param>
/// <param name="Map">Where its data lies; null where only tar can bring it.</param>
internal sealed record SourceHeader(bool IsFile, long Size, Nanoseconds ModifyTime, byte[] Archive, FileMap? Map)
{
    public const string PlaceholderName = "file";

    private const int BlockBytes = 512;

    /// <param name="findsHoles">Asks for the map of a file with holes; else all of it is taken for data.</param>
    /// <returns>Null when it is gone, or cannot be read: the messages say which.</returns>
    /// <exception cref="AgentException">SourceConnectionLost, CopyFailed.</exception>
    public static async Task<SourceHeader?> ReadAsync(
        TransferContext context,
        int entry,
        SourceMessages messages,
        ISourceLane lane,
        bool findsHoles,
        CancellationToken cancellationToken
    )
    {
        SourceHeader? header = null;
        long? mapped = null;
        var names = new ShardNames(context.Manifest, [entry]);
        var meter = new TarMeter(
            (in TarMember member) =>
            {
                names.Accept(member);
                (header, mapped) = (From(member), member.IsSparse ? member.DataBytes : null);
            },
            isPosix: true
        );
        using var stream = lane.Start(context.Script.Asked(findsHoles), messages.OnLine, CommandInput.Of(names.List));
        await using var registration = cancellationToken.Register(stream.Kill);
        var from = context.Work.Streams.Limiter.Throttle(stream.Output, cancellationToken);
        // Block by block: what follows the header is the map.
        var block = new byte[BlockBytes];
        try
        {
            while (
                header is null && await from.ReadAtLeastAsync(block, BlockBytes, throwOnEndOfStream: false, cancellationToken) == BlockBytes
            )
                meter.Add(block);

            if (header is { IsFile: true, Map: null } && mapped is { } dataBytes)
                header = header with { Map = await new SparseMapReader(from, block).ReadAsync(header.Size, dataBytes, cancellationToken) };
        }
        catch (UnexpectedArchiveException exception)
        {
            throw SourceMessages.Unexpected(context.Work, exception);
        }
        catch (InvalidDataException)
        {
            // What is no map to us is one to the helper's tar.
        }
        catch (IOException)
        {
            // Told by the one who waits for the command's end.
            header = null;
        }

        if (header is not null)
        {
            stream.Kill();
            return header;
        }

        var exitCode = await stream.WaitAsync(cancellationToken);
        names.Complete();
        messages.Judge(context.Work, exitCode, meter, names);
        return null;
    }

    private static SourceHeader From(in TarMember member)
    {
        if (member.Type is not ('0' or '7' or '\0') || (member.IsSparse && member.MappedSize is null))
            return new SourceHeader(false, 0, 0, [], null);

        using var archive = new MemoryStream();
        TarWriter.WriteEmptyFile(member, PlaceholderName, archive);
        TarWriter.WriteEnd(archive);
        var size = member.MappedSize ?? member.DataBytes;
        return new SourceHeader(true, size, member.ModifyTime, archive.ToArray(), member.IsSparse ? null : FileMap.Whole(size));
    }
}
