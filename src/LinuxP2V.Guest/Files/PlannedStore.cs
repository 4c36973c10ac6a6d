namespace LinuxP2V.Guest.Files;

/// <summary>
/// A guest's files as they will be: what a plan writes, removes and links lies over what is there, so that a later step
/// sees what an earlier one decided. The files below are never touched.
/// </summary>
internal sealed class PlannedStore(IGuestStore below) : IGuestStore
{
    private readonly Dictionary<string, (GuestEntry? Entry, string Text)> changed = new(StringComparer.Ordinal);

    /// <param name="path">Resolved.</param>
    public void Write(string path, string text) => Set(path, new GuestEntry(path, EntryKind.File, text.Length), text);

    /// <summary>What is in it is not known to the plan.</summary>
    public void Copy(string from, string to) => Set(to, new GuestEntry(to, EntryKind.File, Find(from)?.Length ?? 0), "");

    /// <param name="path">Its folder resolved, the last component as it stands.</param>
    public void Remove(string path) => Set(path, null, "");

    /// <param name="path">Its folder resolved, the last component as it stands.</param>
    public void Link(string path, string target) => Set(path, new GuestEntry(path, EntryKind.Link, 0, target), "");

    public GuestEntry? Find(string path) => changed.TryGetValue(path, out var change) ? change.Entry : below.Find(path);

    public IEnumerable<GuestEntry> List(string folder)
    {
        var prefix = folder.TrimEnd('/') + "/";
        return below
            .List(folder)
            .Where(entry => !changed.ContainsKey(entry.Path))
            .Concat(
                changed
                    .Where(change =>
                        change.Key.LastIndexOf('/') == prefix.Length - 1 && change.Key.StartsWith(prefix, StringComparison.Ordinal)
                    )
                    .Select(change => change.Value.Entry)
                    .OfType<GuestEntry>()
            );
    }

    public string ReadText(string path) =>
        !changed.TryGetValue(path, out var change) ? below.ReadText(path)
        : change.Entry is { Kind: EntryKind.File } ? change.Text
        : throw new FileNotFoundException($"{path} is no file.");

    private void Set(string path, GuestEntry? entry, string text)
    {
        changed[path] = (entry, text);
        if (entry is not null)
            AddFolders(path);
    }

    /// <summary>A file that is written brings the folders above it along.</summary>
    private void AddFolders(string path)
    {
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            var folder = path[..end];
            if (Find(folder) is not null)
                return;

            changed[folder] = (new GuestEntry(folder, EntryKind.Folder), "");
        }
    }
}
