using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>Reads tar's standard error, line by line, in the C locale.</summary>
internal static class TarMessages
{
    /// <summary>How each of its lines begins.</summary>
    public const string Prefix = "tar: ";

    /// <summary>
    /// What the tar that reads the source says of a single file; null when the line is about something else.
    /// </summary>
    /// <param name="line">Latin-1: one char is one byte.</param>
    public static CopyIncident? FromSource(string line)
    {
        if (Body(line) is not { } body)
            return null;

        foreach (var (text, kind, detail) in Endings)
        {
            if (body.IndexOf(text, StringComparison.Ordinal) is var at and > 0)
                return new CopyIncident(
                    kind,
                    PrintedName.ToPath(body[..at]),
                    detail,
                    text is ReadError or Shrank ? PrintedName.ToBytes(body[..at]) : null
                );
        }

        // busybox: can't open './name': reason
        if (
            body.StartsWith("can't open '", StringComparison.Ordinal)
            && body.LastIndexOf("': ", StringComparison.Ordinal) is var quote and > 0
        )
            return Unreadable(body["can't open '".Length..quote], body[(quote + 3)..]);

        if (body.IndexOf(": Cannot ", StringComparison.Ordinal) is var cannot and > 0 && !body.StartsWith("-: ", StringComparison.Ordinal))
            return Unreadable(body[..cannot], body[(cannot + 2)..]);

        // busybox: ./name: reason
        return body.StartsWith("./", StringComparison.Ordinal) && body.LastIndexOf(": ", StringComparison.Ordinal) is var colon and > 0
            ? Unreadable(body[..colon], body[(colon + 2)..])
            : null;
    }

    /// <summary>Closing messages and the like, which say nothing new.</summary>
    public static bool IsNoise(string line) =>
        line.Length == 0 || (Body(line) is { } body && Array.Exists(Noise, text => body.StartsWith(text, StringComparison.Ordinal)));

    /// <summary>Whether this is the reason why tar did not send a file; else it sent it, though perhaps not as it is.</summary>
    public static bool IsAbsence(CopyIncident incident) =>
        incident.Kind != CopyIncidentKind.Changed && incident.PartlyRead is null && incident.Detail != LostAttribute;

    /// <summary>What the tar that writes the copy could not give to a file that it did write.</summary>
    public static CopyIncident? FromTarget(string line)
    {
        if (Body(line) is not { } body)
            return null;

        const string ForFile = "attribute for file '";
        if (
            body.IndexOf(ForFile, StringComparison.Ordinal) is var named and > 0
            && body.LastIndexOf("': ", StringComparison.Ordinal) is var end
            && end > named
        )
            return new CopyIncident(CopyIncidentKind.NotCarried, PrintedName.ToPath(body[(named + ForFile.Length)..end]), body);

        foreach (var text in LostOnTarget)
        {
            if (body.IndexOf(text, StringComparison.Ordinal) is var at and > 0)
                return new CopyIncident(CopyIncidentKind.NotCarried, PrintedName.ToPath(body[..at]), body[(at + 2)..]);
        }

        return null;
    }

    /// <summary>A mount point, or a btrfs subvolume.</summary>
    public const string OtherFileSystem = "on another file system";

    private const string LostAttribute = "an attribute could not be read";

    private static readonly string[] Noise =
    [
        "Exiting with failure status due to previous errors",
        "Error exit delayed from previous errors",
        "Removing leading ",
    ];

    private const string ReadError = ": Read error at byte ";

    /// <summary>Also said of a file that could not be read to its end.</summary>
    private const string Shrank = ": File shrank by ";

    private static readonly (string Text, CopyIncidentKind Kind, string? Detail)[] Endings =
    [
        (": file changed as we read it", CopyIncidentKind.Changed, null),
        (Shrank, CopyIncidentKind.Changed, "It became shorter while it was read; the rest is zeros."),
        (": File removed before we read it", CopyIncidentKind.Vanished, null),
        (": socket ignored", CopyIncidentKind.NotCarried, "socket"),
        (": door ignored", CopyIncidentKind.NotCarried, "door"),
        (": Unknown file type; file ignored", CopyIncidentKind.NotCarried, "unknown file type"),
        (": unknown file type", CopyIncidentKind.NotCarried, "unknown file type"),
        (": file is on a different filesystem; not dumped", CopyIncidentKind.NotCarried, OtherFileSystem),
        (ReadError, CopyIncidentKind.Unreadable, "read error"),
        (": file name is too long", CopyIncidentKind.NotCarried, "name too long for tar"),
        (": link name is too long", CopyIncidentKind.NotCarried, "link too long for tar"),
        (": Warning: Cannot ", CopyIncidentKind.NotCarried, LostAttribute),
    ];

    private static readonly string[] LostOnTarget =
    [
        ": Cannot change ownership",
        ": Cannot change mode",
        ": Cannot utime",
        ": Cannot hard link to",
        ": Warning: Cannot ",
        ": Cannot acl_",
        ": Cannot set",
        ": Cannot lsetxattr",
        ": Cannot setxattr",
    ];

    private static CopyIncident Unreadable(string name, string reason) =>
        new(
            reason.EndsWith("No such file or directory", StringComparison.Ordinal)
                ? CopyIncidentKind.Vanished
                : CopyIncidentKind.Unreadable,
            PrintedName.ToPath(name),
            reason
        );

    private static string? Body(string line) => line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..] : null;
}
