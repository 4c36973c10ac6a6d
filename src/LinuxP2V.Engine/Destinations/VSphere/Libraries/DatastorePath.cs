using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Libraries;

/// <summary>Reads the two ways in which vSphere writes where a file lies.</summary>
internal static class DatastorePath
{
    private static readonly Regex Bracketed = new(@"^\[([^\]]+)\]\s*(.+)$", RegexOptions.CultureInvariant);

    public static bool IsOne(string text) => text.StartsWith("[", StringComparison.Ordinal);

    /// <param name="text">[datastore] folder/file.iso</param>
    /// <exception cref="P2VException">PlanNotPossible: it is no path of an ISO.</exception>
    public static NamedImage Parse(string text) =>
        Bracketed.Match(text) is { Success: true } match && Split(match.Groups[2].Value) is var (folder, file) && IsIso(file)
            ? new NamedImage(text, null, match.Groups[1].Value.Trim(), folder, file)
            : throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"'{text}' is no path of an ISO on a datastore.",
                "Give -HelperImageItem a path such as '[ds1] iso/linuxp2v-helper.iso', or an item of a content library.",
                text
            );

    /// <param name="uri">ds:///vmfs/volumes/ID/folder/file, which vSAN writes with a double slash and a query.</param>
    /// <returns>Null where it is of another form.</returns>
    public static (string Folder, string File)? OfUri(string uri)
    {
        const string Start = "ds:///vmfs/volumes/";
        if (!uri.StartsWith(Start, StringComparison.OrdinalIgnoreCase))
            return null;

        var path = uri.Substring(Start.Length).Split('?')[0];
        var slash = path.IndexOf('/');
        return slash < 0 ? null : Split(Uri.UnescapeDataString(path.Substring(slash)));
    }

    public static bool IsIso(string file) => file.EndsWith(".iso", StringComparison.OrdinalIgnoreCase) && file.Length > 4;

    /// <returns>Null for what would lead elsewhere, or nowhere.</returns>
    private static (string Folder, string File)? Split(string path)
    {
        var parts = path.Split(['/'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 0 || parts.Any(part => part is "." or ".." || part.IndexOf('\\') >= 0)
            ? null
            : (string.Join("/", parts.Take(parts.Length - 1)), parts[parts.Length - 1]);
    }
}
