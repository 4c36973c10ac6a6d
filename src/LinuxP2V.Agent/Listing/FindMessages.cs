using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Listing;

/// <summary>Reads the standard error of find and stat, line by line, in the C locale.</summary>
internal static class FindMessages
{
    private const string NotThere = "No such file or directory";

    /// <summary>
    /// What is said of a single file; null when the line is about something else. GNU: <c>find: './name': reason</c>;
    /// busybox: <c>find: ./name: reason</c>, <c>stat: can't stat './name': reason</c>.
    /// </summary>
    /// <param name="line">Latin-1: one char is one byte.</param>
    public static CopyIncident? Incident(string line)
    {
        if (!line.StartsWith("find: ", StringComparison.Ordinal) && !line.StartsWith("stat: ", StringComparison.Ordinal))
            return null;

        var body = line["find: ".Length..];
        var end = body.LastIndexOf(": ", StringComparison.Ordinal);
        var begin =
            body.IndexOf("./", StringComparison.Ordinal) is var dot and >= 0 ? dot
            : body.IndexOf("'.'", StringComparison.Ordinal) is var root and >= 0 ? root + 1
            : -1;
        if (begin < 0 || end <= begin)
            return null;

        var reason = body[(end + 2)..];
        return new CopyIncident(
            reason.EndsWith(NotThere, StringComparison.Ordinal) ? CopyIncidentKind.Vanished : CopyIncidentKind.Unreadable,
            PrintedName.ToPath(body[begin..end].TrimEnd('\'')),
            reason
        );
    }
}
