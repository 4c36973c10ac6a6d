using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Streams;

/// <summary>How data travels: as it is, or through a program on the source and its counterpart here.</summary>
internal sealed class StreamCompression
{
    private readonly IReadOnlyList<string> pack;
    private readonly IReadOnlyList<string> unpack;

    private StreamCompression(string name, IReadOnlyList<string> pack, IReadOnlyList<string> unpack) =>
        (Name, this.pack, this.unpack) = (name, pack, unpack);

    public static StreamCompression None { get; } = new("none", [], []);

    /// <summary>One thread: the streams are the parallel part.</summary>
    public static StreamCompression Zstd { get; } = new("zstd", ["zstd", "-1", "-q", "-c"], ["zstd", "-d", "-q", "-c"]);

    public static StreamCompression Gzip { get; } = new("gzip", ["gzip", "-1", "-c"], ["gzip", "-d", "-c"]);

    public string Name { get; }

    public bool IsNone => pack.Count == 0;

    /// <summary>The source's command, for a pipe.</summary>
    public string PackCommand => PosixShell.Join(pack);

    /// <summary>
    /// A script whose standard output comes compressed. Its exit code is the inner script's own, which a plain pipe would
    /// swallow; its standard input and error are the inner script's.
    /// </summary>
    public string Wrap(string script) =>
        IsNone
            ? script
            : $$"""
                { rc=$( { { ( {{script}}
                ) 3>&- 4>&-; echo $? >&3; } | {{PackCommand}} >&4 3>&- 4>&-; } 3>&1 ); } 4>&1
                exit ${rc:-1}
                """;

    /// <summary>
    /// The data again, from what came over the wire. Reads throw <see cref="InvalidDataException"/> at the end when it was
    /// damaged or cut short, which a broken connection is too: why, the source's command tells. Disposing it ends the
    /// unpacking and leaves the wire alone.
    /// </summary>
    public Stream Unpack(Stream wire) => IsNone ? wire : new UnpackStream(wire, unpack);
}
