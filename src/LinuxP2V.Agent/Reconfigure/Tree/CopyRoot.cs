using System.Text;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>The copy's files, to be changed: the paths that the copy will see, and where they are in the helper.</summary>
internal sealed class CopyRoot(string root)
{
    /// <summary>Configuration files may hold any bytes: Latin-1 brings each one through unchanged.</summary>
    public static Encoding Bytes => Encoding.Latin1;

    public string Root { get; } = root.TrimEnd('/');

    public GuestTree Tree { get; } = new(new FolderStore(root));

    /// <summary>The path in the helper, links of the last component followed; never out of the copy.</summary>
    public string Host(string path) => Root + Tree.Resolve(path);

    /// <summary>The path in the helper with the last component as it stands, be it a link.</summary>
    public string HostEntry(string path) => Root + Tree.ResolveFolder(path);
}
