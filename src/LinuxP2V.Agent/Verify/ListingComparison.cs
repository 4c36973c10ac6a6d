using System.Collections;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Verify;

/// <summary>Compares the copy's list of files, record by record as it comes, with the source's. Neither is read twice.</summary>
internal sealed class ListingComparison(Manifest source, DifferenceReport report, ListingPrecision precision)
{
    private readonly BitArray seen = new(source.Count);
    private readonly BitArray matched = new(source.Count);
    private readonly BitArray contents = new(source.Count);
    private readonly NameGroups links = new(source);
    private byte[] lastFolderPath = [];
    private int lastFolder = Manifest.Root;

    /// <summary>Names that the source or the copy has.</summary>
    public long Entries { get; private set; }

    public void Add(ReadOnlySpan<byte> path, in ManifestRecord copy)
    {
        var entry = Find(path);
        if (entry < 0)
        {
            // Every new ext file system has one; the source's may have been deleted.
            if (copy.Type == EntryType.Directory && path.SequenceEqual("lost+found"u8))
                return;

            Entries++;
            report.AddExtra(path, copy.Type);
            return;
        }

        Entries++;
        seen[entry] = true;
        var original = source[entry];
        if (original.Type != copy.Type)
        {
            report.Add(entry, DifferenceKind.Type, EntryDescription.Type(original.Type), EntryDescription.Type(copy.Type));
            return;
        }

        matched[entry] = true;
        CompareMetadata(entry, original, copy);
        if (original.Type == EntryType.File)
        {
            if (original.Size != copy.Size)
                report.Add(entry, DifferenceKind.Size, EntryDescription.Size(original.Size), EntryDescription.Size(copy.Size));
            else
                contents[entry] = true;
        }

        if (original.Type != EntryType.Directory && (original.Links > 1 || copy.Links > 1))
            links.Add(entry, copy.Inode, copy.Links);
    }

    /// <summary>Once the copy's list is at its end.</summary>
    public void Complete()
    {
        for (var entry = 0; entry < source.Count; entry++)
        {
            // A socket is made by the program that listens on it; no copy carries one.
            if (seen[entry] || source.TypeOf(entry) == EntryType.Socket)
                continue;

            Entries++;
            report.Add(entry, DifferenceKind.Missing, EntryDescription.Type(source.TypeOf(entry)), null);
        }

        links.Compare(report);
    }

    /// <summary>Entries of one type on both sides, rising.</summary>
    public IEnumerable<int> Matched(Func<EntryType, bool> isWanted)
    {
        for (var entry = 0; entry < source.Count; entry++)
        {
            if (matched[entry] && isWanted(source.TypeOf(entry)))
                yield return entry;
        }
    }

    /// <summary>Files whose contents may be equal, each once, rising; those of no bytes are.</summary>
    public IEnumerable<int> Contents()
    {
        for (var entry = 0; entry < source.Count; entry++)
        {
            if (contents[entry] && !links.IsAlias(entry))
                yield return entry;
        }
    }

    private void CompareMetadata(int entry, in ManifestRecord original, in ManifestRecord copy)
    {
        if (precision.HasOwners && original.Type != EntryType.Link && original.Mode != copy.Mode)
            report.Add(entry, DifferenceKind.Mode, EntryDescription.Mode(original.Mode), EntryDescription.Mode(copy.Mode));

        if (precision.HasOwners && (original.Owner != copy.Owner || original.Group != copy.Group))
        {
            report.Add(
                entry,
                DifferenceKind.Owner,
                EntryDescription.Owner(original.Owner, original.Group),
                EntryDescription.Owner(copy.Owner, copy.Group)
            );
        }

        if (!precision.IsSameTime(original.ModifyTime, copy.ModifyTime))
            report.Add(entry, DifferenceKind.Time, EntryDescription.Time(original.ModifyTime), EntryDescription.Time(copy.ModifyTime));
    }

    /// <summary>A list goes folder by folder: the walk from the root is for the first of each.</summary>
    private int Find(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
            return source.Find(path);

        var slash = path.LastIndexOf((byte)'/');
        var folder = slash < 0 ? [] : path[..slash];
        if (!lastFolderPath.AsSpan().SequenceEqual(folder))
            (lastFolder, lastFolderPath) = (source.Find(folder), folder.ToArray());

        return lastFolder < 0 ? -1 : source.Find(lastFolder, path[(slash + 1)..]);
    }
}
