using System.Buffers.Text;
using System.Text;
using LinuxP2V.Agent.Streams;

namespace LinuxP2V.Agent.Listing;

/// <summary>The first record of a manifest: <c>linuxp2v-manifest VERSION SECONDS TOOL UUID DEVICE</c>.</summary>
/// <param name="Start">
/// The source's clock before the first file was listed, nanoseconds since 1970, whole seconds: what changed at or
/// after it may not be seen.
/// </param>
/// <param name="Uuid">Of the file system that was listed, as blkid prints it; empty where the source does not tell.</param>
/// <param name="Device">What it was mounted from, such as /dev/sda1; empty where the source does not tell.</param>
internal sealed record ManifestHeader(Nanoseconds Start, ListingTool Tool, string Uuid = "", string Device = "")
{
    public const string Word = "linuxp2v-manifest";
    public const string EndWord = "linuxp2v-end";
    public const int Version = 2;

    /// <summary>Stands for what is not known.</summary>
    public const string Unknown = "-";

    private const int LongestRecord = 4096;

    /// <summary>The last record: a list without it was cut short.</summary>
    public static ReadOnlySpan<byte> End => "linuxp2v-end"u8;

    /// <exception cref="InvalidDataException">It is none, or of another version.</exception>
    public static ManifestHeader Parse(ReadOnlySpan<byte> record)
    {
        if (
            record.Length > LongestRecord
            || Encoding.Latin1.GetString(record).Split(' ', 6) is not [Word, var version, var seconds, var tool, var uuid, var device]
            || version != $"{Version}"
            || !Utf8Parser.TryParse(Encoding.Latin1.GetBytes(seconds), out long start, out var length)
            || length != seconds.Length
        )
        {
            throw new InvalidDataException("The list of files does not begin as a list of files of this version.");
        }

        return new ManifestHeader(
            (Nanoseconds)start * 1_000_000_000,
            tool == "find" ? ListingTool.Find : ListingTool.Stat,
            uuid == Unknown ? "" : uuid,
            device == Unknown ? "" : device
        );
    }
}
