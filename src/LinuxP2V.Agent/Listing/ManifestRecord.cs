using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Listing;

/// <summary>What one entry of a volume was when the source listed it. Times are nanoseconds since 1970.</summary>
/// <param name="Mode">The twelve permission bits.</param>
/// <param name="AllocatedBytes">Less than the size where the file has holes.</param>
/// <param name="ChangeTime">ctime: moves with every change of contents or metadata, and cannot be set.</param>
internal readonly record struct ManifestRecord(
    EntryType Type,
    ushort Mode,
    uint Owner,
    uint Group,
    uint Links,
    ulong Inode,
    long Size,
    long AllocatedBytes,
    Nanoseconds ModifyTime,
    Nanoseconds ChangeTime
)
{
    /// <summary>Contents and metadata are those of the other, as far as a listing can tell.</summary>
    public bool IsUnchangedSince(in ManifestRecord earlier) =>
        Type == earlier.Type && Inode == earlier.Inode && Size == earlier.Size && ChangeTime == earlier.ChangeTime;

    public bool HasHoles => Type == EntryType.File && AllocatedBytes < Size;
}
