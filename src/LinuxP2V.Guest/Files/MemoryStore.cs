namespace LinuxP2V.Guest.Files;

/// <summary>What was read of a guest: some of its files with their text, and of others that they are there.</summary>
public sealed class MemoryStore : IGuestStore
{
    private readonly Dictionary<string, GuestEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);

    /// <summary>Something that is there; the folders above it are there too. The last word about a path counts.</summary>
    /// <param name="text">Of a file whose text was read; each byte as a Latin-1 character.</param>
    public void Add(GuestEntry entry, string? text = null)
    {
        var path = entry.Path;
        if (!entries.ContainsKey(path))
        {
            var folder = path[..Math.Max(path.LastIndexOf('/'), 0)];
            if (folder.Length > 0 && !entries.ContainsKey(folder))
                Add(new GuestEntry(folder, EntryKind.Folder));

            if (!folders.TryGetValue(folder, out var names))
                folders[folder] = names = [];
            names.Add(path);
        }

        entries[path] = entry;
        if (text is not null)
            texts[path] = text;
    }

    public GuestEntry? Find(string path) => entries.TryGetValue(path, out var entry) ? entry : null;

    public IEnumerable<GuestEntry> List(string folder) =>
        folders.TryGetValue(folder.TrimEnd('/'), out var paths) ? paths.Select(path => entries[path]) : [];

    public string ReadText(string path) =>
        texts.TryGetValue(path, out var text) ? text
        : Find(path) is { Kind: EntryKind.File } ? throw new FileNotReadException($"{path} was not read from the source.")
        : throw new FileNotFoundException($"{path} is no file.");
}
