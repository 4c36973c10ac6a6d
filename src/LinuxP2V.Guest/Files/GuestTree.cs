namespace LinuxP2V.Guest.Files;

/// <summary>
/// The files of a guest by the paths that the guest sees. Symbolic links are followed inside the tree only: an absolute
/// link of the guest never leads out of it.
/// </summary>
public sealed class GuestTree(IGuestStore store)
{
    /// <summary>No configuration file is longer; modules.dep of a large kernel has 1 MiB.</summary>
    public const int MostTextBytes = 16 << 20;

    /// <summary>Where an administrator's shell looks for programs.</summary>
    public static readonly IReadOnlyList<string> ProgramFolders =
    [
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
    ];

    private const int MostLinks = 40;

    private readonly SortedSet<string> unread = new(StringComparer.Ordinal);

    public IGuestStore Store { get; } = store;

    /// <summary>The path with all links resolved, the last component's too.</summary>
    public string Resolve(string path) => Resolve(path, followLast: true);

    /// <summary>The path with the links of its folders resolved, and the last component as it stands.</summary>
    public string ResolveFolder(string path) => Resolve(path, followLast: false);

    public bool FileExists(string path) => Store.Find(Resolve(path)) is { Kind: EntryKind.File };

    public bool FolderExists(string path) => Resolve(path) is var real && (real == "/" || Store.Find(real) is { Kind: EntryKind.Folder });

    /// <summary>What is at the path itself, be it a link; null for nothing.</summary>
    public GuestEntry? Entry(string path) => Store.Find(ResolveFolder(path));

    /// <summary>Length of a file in bytes; 0 where there is none.</summary>
    public long Length(string path) => Store.Find(Resolve(path))?.Length ?? 0;

    /// <summary>Files whose text was wanted and is not known, and that were taken for empty.</summary>
    public IReadOnlyCollection<string> Unread => unread;

    /// <summary>Of one odd file, such as a link to a program, nothing is known; the others tell what they tell.</summary>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    public string ReadText(string path)
    {
        try
        {
            return Store.ReadText(Resolve(path));
        }
        catch (FileNotReadException)
        {
            unread.Add(path);
            return "";
        }
    }

    /// <returns>Null where there is no such file.</returns>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public string? TryReadText(string path) => FileExists(path) ? ReadText(path) : null;

    /// <summary>Paths of a folder's files, links to files among them, whose names match a pattern of the shell; sorted by bytes.</summary>
    public IReadOnlyList<string> Files(string folder, string pattern = "*") => Entries(folder, pattern, FileExists);

    /// <summary>Paths of a folder's folders, links to folders among them, whose names match; sorted by bytes.</summary>
    public IReadOnlyList<string> Folders(string folder, string pattern = "*") => Entries(folder, pattern, FolderExists);

    /// <summary>A program on the administrator's path; null where the guest has none.</summary>
    public string? Program(string name) => ProgramFolders.Select(folder => $"{folder}/{name}").FirstOrDefault(FileExists);

    /// <summary>A file or folder by a name of any case, as FAT compares names; null where there is none.</summary>
    public string? FindIgnoringCase(string folder, string name) =>
        Names(folder)
            .Where(candidate => string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase))
            .OrderBy(candidate => candidate, StringComparer.Ordinal)
            .Select(candidate => Join(folder, candidate))
            .FirstOrDefault();

    private List<string> Entries(string folder, string pattern, Func<string, bool> isWanted) =>
        [
            .. Names(folder)
                .Where(name => ShellPattern.Matches(name, pattern))
                .Select(name => Join(folder, name))
                .Where(isWanted)
                .OrderBy(path => path, StringComparer.Ordinal),
        ];

    private IEnumerable<string> Names(string folder) => Store.List(Resolve(folder)).Select(entry => entry.Name);

    private static string Join(string folder, string name) => $"{folder.TrimEnd('/')}/{name}";

    private string Resolve(string path, bool followLast)
    {
        var pending = new Stack<string>(Parts(path).AsEnumerable().Reverse());
        var resolved = new List<string>();
        var links = 0;
        while (pending.Count > 0)
        {
            var name = pending.Pop();
            if (name == ".")
                continue;

            if (name == "..")
            {
                if (resolved.Count > 0)
                    resolved.RemoveAt(resolved.Count - 1);
                continue;
            }

            var target = pending.Count > 0 || followLast ? LinkTarget(resolved, name) : null;
            if (target is null || ++links > MostLinks)
            {
                resolved.Add(name);
                continue;
            }

            if (target.StartsWith("/", StringComparison.Ordinal))
                resolved.Clear();

            foreach (var part in Parts(target).AsEnumerable().Reverse())
                pending.Push(part);
        }

        return "/" + string.Join("/", resolved);
    }

    private string? LinkTarget(List<string> folders, string name) =>
        Store.Find("/" + string.Join("/", folders.Append(name))) is { Kind: EntryKind.Link, LinkTarget: { } target } ? target : null;

    private static string[] Parts(string path) => path.Split(['/'], StringSplitOptions.RemoveEmptyEntries);
}
