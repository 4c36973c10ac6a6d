using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Tests.Support;

/// <summary>A guest in memory, written as a list of paths and texts.</summary>
internal static class GuestFiles
{
    public static MemoryStore Store(params (string Path, string Text)[] files)
    {
        var store = new MemoryStore();
        foreach (var (path, text) in files)
            store.Add(new GuestEntry(path, EntryKind.File, text.Length), text);

        return store;
    }

    public static GuestTree Tree(params (string Path, string Text)[] files) => new(Store(files));
}
