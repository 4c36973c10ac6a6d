namespace LinuxP2V.Guest.Files;

public enum EntryKind
{
    File,
    Folder,
    Link,

    /// <summary>A device node, a named pipe, a socket: never opened.</summary>
    Other,
}

/// <param name="Path">As the guest sees it: absolute, no link in it but perhaps the last component.</param>
/// <param name="Length">Bytes; 0 for what is no file.</param>
/// <param name="LinkTarget">Of a link alone, as it is written there.</param>
public sealed record GuestEntry(string Path, EntryKind Kind, long Length = 0, string? LinkTarget = null)
{
    /// <summary>The last component of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>Where a guest's files come from: a mounted copy, or what was read of a running source. Follows no links.</summary>
public interface IGuestStore
{
    /// <summary>What is at a path; null for nothing. The last component is taken as it stands, be it a link.</summary>
    GuestEntry? Find(string path);

    /// <summary>What is in a folder, in no order; empty where there is no such folder.</summary>
    IEnumerable<GuestEntry> List(string folder);

    /// <summary>The text of a file, each byte as a Latin-1 character, so that any bytes come through unchanged.</summary>
    /// <exception cref="FileNotReadException">It was not read of the source, or is longer than any configuration file.</exception>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    string ReadText(string path);
}

/// <summary>A file that is there, and whose text the store does not give.</summary>
public sealed class FileNotReadException(string message) : IOException(message);
