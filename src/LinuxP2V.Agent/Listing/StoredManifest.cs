using System.IO.Compression;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Listing;

/// <summary>
/// A manifest on the copy's disk: the records as the source printed them, gzipped. It is there whole or not at all.
/// </summary>
internal static class StoredManifest
{
    private const int BufferBytes = 1 << 18;

    public static bool Exists(string path) => File.Exists(path);

    /// <summary>Reads one from its beginning to its end, entry by entry, without holding it in memory.</summary>
    /// <param name="start">Gets the header before the first entry.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another version.</exception>
    public static ManifestHeader Read(
        string path,
        ManifestParser.RecordHandler onRecord,
        Action<ManifestHeader>? start = null,
        CancellationToken cancellationToken = default
    )
    {
        using var file = File.OpenRead(path);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        return Read(unzipped, onRecord, start, cancellationToken);
    }

    /// <summary>Reads one that is unzipped already.</summary>
    /// <inheritdoc cref="Read(string, ManifestParser.RecordHandler, Action{ManifestHeader}?, CancellationToken)"/>
    public static ManifestHeader Read(
        Stream unzipped,
        ManifestParser.RecordHandler onRecord,
        Action<ManifestHeader>? start = null,
        CancellationToken cancellationToken = default
    )
    {
        var parser = new ManifestParser(onRecord);
        var buffer = new byte[BufferBytes];
        // The header alone first: who compares by its time needs it before the entries.
        var count = ReadHeader(unzipped, buffer);
        var end = buffer.AsSpan(0, count).IndexOf((byte)0) + 1;
        parser.Add(buffer.AsSpan(0, end));
        if (parser.Header is { } header)
            start?.Invoke(header);

        parser.Add(buffer.AsSpan(end, count - end));
        while ((count = unzipped.Read(buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            parser.Add(buffer.AsSpan(0, count));
        }

        parser.Complete();
        return parser.Header!;
    }

    /// <summary>Reads one into memory, without what has the agent's own names.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of another version.</exception>
    public static (Manifest Manifest, ManifestHeader Header) Load(
        string path,
        TargetVolume volume,
        CancellationToken cancellationToken = default
    )
    {
        var manifest = new Manifest();
        var header = Read(
            path,
            (ReadOnlySpan<byte> name, in ManifestRecord record) =>
            {
                if (!AgentFiles.IsOwn(name, volume))
                    manifest.Add(name, record);
            },
            null,
            cancellationToken
        );
        return (manifest, header);
    }

    private static int ReadHeader(Stream stream, byte[] buffer)
    {
        var count = 0;
        while (
            buffer.AsSpan(0, count).IndexOf((byte)0) < 0 && count < buffer.Length && stream.Read(buffer.AsSpan(count)) is var more and > 0
        )
            count += more;

        return count;
    }

    /// <summary>Writes one beside its place and puts it there when it is complete and on the disk.</summary>
    internal sealed class Writer : IDisposable
    {
        private readonly string path;
        private readonly FileStream file;
        private readonly GZipStream zipped;
        private bool isComplete;

        public Writer(string path)
        {
            this.path = path;
            file = new FileStream(TemporaryPath, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
            zipped = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
        }

        private string TemporaryPath => path + ".part";

        public void Add(ReadOnlySpan<byte> data) => zipped.Write(data);

        public void Complete()
        {
            zipped.Dispose();
            file.Flush(flushToDisk: true);
            file.Dispose();
            File.Move(TemporaryPath, path, overwrite: true);
            isComplete = true;
        }

        public void Dispose()
        {
            if (isComplete)
                return;

            zipped.Dispose();
            file.Dispose();
            File.Delete(TemporaryPath);
        }
    }
}
