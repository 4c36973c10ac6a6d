using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Sync;

/// <summary>How two records of an entry are compared, which depends on what the file system keeps of it.</summary>
internal sealed class SyncRules
{
    private const long Second = 1_000_000_000;

    /// <summary>A file system stamps with the kernel's last tick, which may lie this much in the past.</summary>
    private const long Tick = Second / 10;

    private readonly Nanoseconds earlierStart;
    private readonly bool isFat;
    private readonly TargetVolume volume;
    private readonly List<byte[]> excluded = [];

    /// <param name="earlierStart">When the earlier list was begun, by the source's clock, in nanoseconds.</param>
    public SyncRules(TargetVolume volume, Nanoseconds earlierStart)
    {
        (this.volume, this.earlierStart) = (volume, earlierStart);
        isFat = volume.FileSystem.Kind == FileSystemKind.Vfat;
        var root = (volume.MountPoint ?? "").TrimEnd('/') + "/";
        excluded.AddRange(
            volume
                .ExcludedPaths.Select(path => path.TrimEnd('/'))
                .Where(path => path.StartsWith(root, StringComparison.Ordinal))
                .Select(path => System.Text.Encoding.UTF8.GetBytes(path[root.Length..]))
        );
    }

    /// <summary>FAT makes its inode numbers up, anew after each mount.</summary>
    public bool HasInodes => !isFat;

    /// <summary>
    /// What a pass does not take away though no list of the source names it: it was left out, is the agent's own, or the
    /// file system's, in whose folder a check of it may have put something.
    /// </summary>
    public bool IsKept(ReadOnlySpan<byte> path) => IsLeftAlone(path) || IsBelow(path, "lost+found"u8);

    public static bool IsLostAndFound(ReadOnlySpan<byte> path) => path.SequenceEqual("lost+found"u8);

    /// <summary>
    /// What a pass never takes away. What the source had in its lost+found is not among it: only the folder itself, which
    /// each new file system has.
    /// </summary>
    public bool IsLeftAlone(ReadOnlySpan<byte> path)
    {
        if (IsLostAndFound(path) || AgentFiles.IsOwn(path, volume))
            return true;

        foreach (var prefix in excluded)
        {
            if (IsBelow(path, prefix))
                return true;
        }

        return false;
    }

    /// <summary>Sockets are never in a copy; what find could not tell is left alone.</summary>
    public static bool IsCarried(EntryType type) => type is not (EntryType.Socket or EntryType.Unknown);

    public bool IsSameObject(in ManifestRecord earlier, in ManifestRecord now) =>
        earlier.Type == now.Type && (!HasInodes || earlier.Inode == now.Inode);

    /// <summary>Of two records of one object in two lists of the source.</summary>
    public EntryState Compare(in ManifestRecord earlier, in ManifestRecord now)
    {
        var marks =
            (HasOtherMetadata(earlier, now) ? EntryState.MetadataDiffers : 0) | (earlier.Links != now.Links ? EntryState.LinksDiffer : 0);
        if (isFat)
            marks = 0;

        var isStill = isFat
            ? now.Type == EntryType.Directory || (earlier.Size == now.Size && earlier.ModifyTime == now.ModifyTime)
            : earlier.ChangeTime == now.ChangeTime && (now.Type == EntryType.Directory || earlier.Size == now.Size);
        if (isStill)
            return IsRacy(isFat ? now.ModifyTime : now.ChangeTime) ? EntryState.Suspect | EntryState.Racy | marks : EntryState.Same;

        if (now.Type != EntryType.Directory && earlier.Size != now.Size)
            return EntryState.Modified | marks;

        return (now.Type == EntryType.Directory || earlier.ModifyTime == now.ModifyTime ? EntryState.Suspect : EntryState.Touched) | marks;
    }

    /// <summary>Of what the copy has with what the source has: inodes and ctimes are each side's own.</summary>
    public EntryState CompareCopy(in ManifestRecord copy, in ManifestRecord now)
    {
        if (copy.Type != now.Type)
            return EntryState.Replaced;

        if (now.Type != EntryType.Directory && copy.Size != now.Size)
            return EntryState.Modified;

        if (now.Type != EntryType.Directory && !IsSameTime(copy.ModifyTime, now.ModifyTime))
            return EntryState.Touched;

        if (isFat)
            return EntryState.Same;

        if (HasOtherMetadata(copy, now))
            return EntryState.Suspect | EntryState.MetadataDiffers;

        return now.Type != EntryType.Directory && copy.Links != now.Links ? EntryState.Suspect | EntryState.LinksDiffer : EntryState.Same;
    }

    public bool IsSameTime(Nanoseconds copy, Nanoseconds source) =>
        // A tar of old carries whole seconds; FAT has every second one.
        copy == source
        || copy == source - Modulo(source, Second)
        || (isFat && Nanoseconds.Abs(copy - source) <= 2 * Second);

    private static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder) =>
        path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == '/');

    private static bool HasOtherMetadata(in ManifestRecord one, in ManifestRecord other) =>
        one.Owner != other.Owner || one.Group != other.Group || (one.Mode != other.Mode && one.Type != EntryType.Link);

    /// <summary>A file system that keeps whole seconds, or every second one, shows by the missing fraction.</summary>
    private bool IsRacy(Nanoseconds time) => time >= earlierStart - (Modulo(time, Second) == 0 ? 2 * Second : Tick);

    private static Nanoseconds Modulo(Nanoseconds value, long divisor) => ((value % divisor) + divisor) % divisor;
}
