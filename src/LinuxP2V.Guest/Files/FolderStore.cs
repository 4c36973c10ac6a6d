using System.Text;

namespace LinuxP2V.Guest.Files;

/// <summary>A guest whose file systems are mounted below a folder of this machine.</summary>
public sealed class FolderStore(string root) : IGuestStore
{
    /// <summary>Without a slash at its end.</summary>
    public string Root { get; } = root.TrimEnd('/');

    public GuestEntry? Find(string path) => IsName(path) ? ToEntry(path, new FileInfo(Root + path)) : null;

    public IEnumerable<GuestEntry> List(string folder)
    {
        if (!IsName(folder))
            return [];

        var place = new DirectoryInfo(Root + folder);
        // A link is not followed here: it could lead out of the guest.
        if (!place.Exists || place.LinkTarget is not null)
            return [];

        return place
            .EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true })
            .Select(entry => ToEntry($"{folder.TrimEnd('/')}/{entry.Name}", entry))
            .OfType<GuestEntry>();
    }

    public string ReadText(string path)
    {
        var entry = Find(path);
        if (entry is not { Kind: EntryKind.File })
            throw new FileNotFoundException($"{path} is no file.");

        if (entry.Length > GuestTree.MostTextBytes)
            throw new FileNotReadException($"{path} has {entry.Length} bytes; no configuration file is that long.");

        // A named pipe and most device nodes have no length; reading one could wait for ever.
        return entry.Length == 0 ? "" : Encoding.Latin1.GetString(File.ReadAllBytes(Root + path));
    }

    /// <summary>A damaged configuration may name anything; a zero byte is in no name.</summary>
    private static bool IsName(string path) => path.IndexOf('\0') < 0;

    private static GuestEntry? ToEntry(string path, FileSystemInfo info)
    {
        if (info.LinkTarget is { } target)
            return new GuestEntry(path, EntryKind.Link, 0, target);

        if (Directory.Exists(info.FullName))
            return new GuestEntry(path, EntryKind.Folder);

        if (!File.Exists(info.FullName))
            return null;

        var isPlain = (info.Attributes & FileAttributes.Device) == 0;
        return new GuestEntry(path, isPlain ? EntryKind.File : EntryKind.Other, new FileInfo(info.FullName).Length);
    }
}
