using System.Buffers.Text;
using LinuxP2V.Agent.Streams;

namespace LinuxP2V.Agent.Listing;

/// <summary>The first record of a manifest: <c>linuxp2v-manifest VERSION SECONDS TOOL</c>.</summary>
/// <param name="Start">
/// The source's clock before the first file was listed, nanoseconds since 1970, whole seconds: what changed at or
/// after it may not be seen.
/// </param>
internal sealed record ManifestHeader(long Start, ListingTool Tool)
{
    public const string Word = "linuxp2v-manifest";
    public const int Version = 1;

    /// <exception cref="InvalidDataException">It is none, or of another version.</exception>
    public static ManifestHeader Parse(ReadOnlySpan<byte> record)
    {
        Span<Range> fields = stackalloc Range[5];
        if (
            record.Length > 200
            || Split(record, fields) != 4
            || !record[fields[0]].SequenceEqual("linuxp2v-manifest"u8)
            || !Utf8Parser.TryParse(record[fields[1]], out int version, out _)
            || version != Version
            || !Utf8Parser.TryParse(record[fields[2]], out long seconds, out _)
        )
        {
            throw new InvalidDataException("The list of files does not begin as a list of files of this version.");
        }

        return new ManifestHeader(seconds * 1_000_000_000, record[fields[3]].SequenceEqual("find"u8) ? ListingTool.Find : ListingTool.Stat);
    }

    private static int Split(ReadOnlySpan<byte> record, Span<Range> fields)
    {
        var count = 0;
        foreach (var range in record.Split((byte)' '))
        {
            if (count == fields.Length)
                return count;

            fields[count++] = range;
        }

        return count;
    }
}
