using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Storage;

/// <summary>A line of /etc/fstab, read as getmntent(3) reads it.</summary>
/// <param name="Spec">The device, without escapes; quotes around a tag's value are kept.</param>
/// <param name="MountPoint">Without escapes and without a slash at its end.</param>
public sealed record FstabEntry(string Spec, string MountPoint, string Type, IReadOnlyList<string> Options)
{
    /// <summary>Some write a tag's value in quotes, blanks and all.</summary>
    private static readonly Regex Field = new("""[A-Z]+="[^"\n]*"|[^ \t\r\n]+""", RegexOptions.CultureInvariant);

    private static readonly Regex Escape = new(@"\\(?<code>[0-7]{3})", RegexOptions.CultureInvariant);

    /// <summary>File systems without a device, whatever stands in its place.</summary>
    private static readonly string[] TypesWithoutDevice =
    [
        "none",
        "tmpfs",
        "ramfs",
        "devtmpfs",
        "devpts",
        "proc",
        "sysfs",
        "hugetlbfs",
        "mqueue",
        "debugfs",
        "tracefs",
        "cgroup",
        "cgroup2",
        "overlay",
        "nfs",
        "nfs4",
        "cifs",
    ];

    /// <summary>Folders that overlay lays over each other.</summary>
    private static readonly string[] OverlayOptions = ["lowerdir", "upperdir", "workdir"];

    public bool IsSwap => Type == "swap";

    /// <summary>Whether the start goes on when the device does not come.</summary>
    public bool IsOptional => Options.Contains("nofail") || Options.Contains("noauto");

    public bool IsOnDevice => DeviceNames.IsDevice(Spec) && !TypesWithoutDevice.Contains(Type);

    /// <summary>Folders and files that it shows at another place: of a bind mount, an image, an overlay, a swap file.</summary>
    public IEnumerable<string> SourcePaths =>
        Options
            .Where(option => Type == "overlay" && OverlayOptions.Contains(option.Split('=')[0]))
            .SelectMany(option => option[(option.IndexOf('=') + 1)..].Split(':'))
            .Prepend(IsOnDevice ? "" : Spec)
            .Where(path => path.StartsWith("/", StringComparison.Ordinal))
            .Select(Encodings.ToName);

    /// <returns>Null for a comment, an empty line, or one with too few fields.</returns>
    public static FstabEntry? Parse(string line)
    {
        string[] fields = [.. FieldsOf(line).Select(field => field.Value)];
        return fields.Length < 3 || fields[0].StartsWith("#", StringComparison.Ordinal)
            ? null
            : new FstabEntry(Name(fields[0]), PlainPath(Name(fields[1])), fields[2], fields.Length > 3 ? fields[3].Split(',') : []);
    }

    /// <summary>Entries of a whole file.</summary>
    public static IEnumerable<FstabEntry> ParseAll(string text) => text.Split('\n').Select(Parse).OfType<FstabEntry>();

    /// <summary>The fields as they are written, and where they stand.</summary>
    internal static IReadOnlyList<Match> FieldsOf(string line) => [.. Field.Matches(line).Cast<Match>()];

    /// <summary>Without escapes, each of which is a byte.</summary>
    private static string Name(string field) =>
        Encodings.ToName(
            Escape.Replace(
                field,
                match => ((char)(Convert.ToInt32(match.Groups["code"].Value, 8) & 0xFF)).ToString(CultureInfo.InvariantCulture)
            )
        );

    private static string PlainPath(string path)
    {
        if (!path.StartsWith("/", StringComparison.Ordinal))
            return path;

        return "/" + string.Join("/", path.Split(['/'], StringSplitOptions.RemoveEmptyEntries));
    }
}
