using System.Text;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>
/// What the agent itself writes into the copy: names at a volume's root that are <c>.linuxp2v</c> or begin with
/// <c>.linuxp2v-</c>. They are reserved: nothing of that name comes from the source.
/// </summary>
internal static class AgentFiles
{
    private const string Prefix = TargetJournal.Folder;

    /// <summary>
    /// What a source that is itself a copy may still have at a volume's root. In the copy these tell of this conversion:
    /// by the marker a helper that starts again would boot the half of it.
    /// </summary>
    public static IEnumerable<string> NamesIn(TargetVolume volume) =>
        volume.MountPoint == "/" ? [AgentLayoutQueries.FinishedMarker, TargetJournal.Folder] : [AgentLayoutQueries.FinishedMarker];

    /// <summary>
    /// Whether a path is one of the agent's names, or below one. On FAT a name is the same in capitals, and with dots at
    /// its end.
    /// </summary>
    /// <param name="path">From the volume's root, without a slash before it.</param>
    public static bool IsOwn(ReadOnlySpan<byte> path, TargetVolume volume)
    {
        if (path is not [(byte)'.', ..] || path.Length < Prefix.Length)
            return false;

        var slash = path.IndexOf((byte)'/');
        var name = slash < 0 ? path : path[..slash];
        var isFat = volume.FileSystem.Kind == FileSystemKind.Vfat;
        if (isFat)
            name = name.TrimEnd((byte)'.');

        if (name.Length < Prefix.Length || (name.Length > Prefix.Length && name[Prefix.Length] != '-'))
            return false;

        var beginning = name[..Prefix.Length];
        return isFat ? Ascii.EqualsIgnoreCase(beginning, Prefix) : Ascii.Equals(beginning, Prefix);
    }
}
