using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// In a pass behind stopped services: contents of files that programs had mapped for writing are compared, though nothing
/// says that they changed, and those that are still mapped are named, as nobody can vouch for them.
/// </summary>
internal static class MappedFileCheck
{
    private const int MostNames = 5;

    public static void Run(VolumeWork work, ManifestDifference difference, CutoverMaps maps)
    {
        var manifest = difference.Manifest;
        var (open, count) = (new List<string>(), 0);
        for (var entry = 0; entry < manifest.Count; entry++)
        {
            if (manifest.TypeOf(entry) != EntryType.File || !maps.Any.Contains(manifest[entry].Inode))
                continue;

            if (difference.VerdictOf(entry) == EntryState.Same)
            {
                difference.SetVerdict(entry, EntryState.Suspect);
                difference.Mark(entry, EntryState.Racy);
            }

            if (maps.Now.ProgramOf(manifest[entry].Inode, NameOf(manifest, entry)) is not { } program)
                continue;

            count++;
            if (open.Count < MostNames)
                open.Add($"/{manifest.TextOf(entry)} ({program})");
        }

        if (count > 0)
        {
            work.Sink.Warning(
                $"{work.Volume.Id}: programs that still run on the source have {count} files mapped into memory and may change "
                    + $"them without a trace: {string.Join(", ", open)}{(count > open.Count ? $" and {count - open.Count} more" : "")}. "
                    + "The copy may hold these files from the middle of a change. Stop these programs too."
            );
        }
    }

    private static ReadOnlySpan<byte> NameOf(Manifest manifest, int entry)
    {
        var path = manifest.PathOf(entry);
        return path.AsSpan(path.AsSpan().LastIndexOf((byte)'/') + 1);
    }
}
