using System.Text;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>
/// Files of the copy by the paths they will have there. Symbolic links are followed inside the copy only: an absolute
/// link of the guest must never lead into the helper.
/// </summary>
internal sealed class CopyRoot(string root)
{
    private const int MostLinks = 40;

    public string Root { get; } = root.TrimEnd('/');

    /// <summary>Configuration files may hold any bytes: Latin-1 brings each one through unchanged.</summary>
    public static Encoding Bytes => Encoding.Latin1;

    /// <summary>The path with all links resolved, the last component's too.</summary>
    public string Resolve(string path) => Resolve(path, followLast: true);

    /// <summary>The path in the helper, links of the last component followed.</summary>
    public string Host(string path) => Root + Resolve(path);

    /// <summary>The path in the helper with the last component as it stands, be it a link.</summary>
    public string HostEntry(string path) => Root + Resolve(path, followLast: false);

    public bool FileExists(string path) => File.Exists(Host(path));

    public bool DirectoryExists(string path) => Directory.Exists(Host(path));

    public string ReadText(string path) => Bytes.GetString(File.ReadAllBytes(Host(path)));

    public string? TryReadText(string path) => FileExists(path) ? ReadText(path) : null;

    /// <summary>Guest paths of a folder's files that match a pattern, sorted; empty where there is no such folder.</summary>
    public IReadOnlyList<string> Files(string folder, string pattern = "*") => Entries(folder, pattern, Directory.EnumerateFiles);

    public IReadOnlyList<string> Folders(string folder, string pattern = "*") => Entries(folder, pattern, Directory.EnumerateDirectories);

    /// <summary>Finds a program on the administrator's path; null where the copy has none.</summary>
    public string? Program(string name) => Chroot.Path.Split(':').Select(folder => $"{folder}/{name}").FirstOrDefault(FileExists);

    private List<string> Entries(string folder, string pattern, Func<string, string, IEnumerable<string>> enumerate) =>
        DirectoryExists(folder)
            ?
            [
                .. enumerate(Host(folder), pattern)
                    .Select(entry => $"{folder.TrimEnd('/')}/{Path.GetFileName(entry)}")
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    private string Resolve(string path, bool followLast)
    {
        var pending = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var resolved = new List<string>();
        var links = 0;
        while (pending.TryPop(out var name))
        {
            if (name == ".")
            {
                continue;
            }

            if (name == "..")
            {
                resolved.RemoveRange(Math.Max(0, resolved.Count - 1), resolved.Count > 0 ? 1 : 0);
                continue;
            }

            var target =
                pending.Count > 0 || followLast ? new FileInfo($"{Root}/{string.Join('/', resolved.Append(name))}").LinkTarget : null;
            if (target is null || ++links > MostLinks)
            {
                resolved.Add(name);
                continue;
            }

            if (target.StartsWith('/'))
            {
                resolved.Clear();
            }

            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                pending.Push(part);
            }
        }

        return "/" + string.Join('/', resolved);
    }
}
