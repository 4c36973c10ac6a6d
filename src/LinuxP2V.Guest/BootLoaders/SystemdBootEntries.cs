using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>What systemd-boot starts: entries of the EFI system partition, and of /boot where that is a partition of its own.</summary>
internal static class SystemdBootEntries
{
    /// <summary>Boot counting: how often an entry may be tried, and how often it was.</summary>
    private static readonly Regex Counter = new(@"\+(?<left>\d+)(?:-\d+)?(?=\.(?:conf|efi)$)", RegexOptions.CultureInvariant);

    /// <param name="mounts">The EFI system partition's mount point first.</param>
    public static BootEntries Read(GuestTree files, IReadOnlyList<string> mounts)
    {
        var texts = mounts
            .SelectMany(mount => BlsEntry.ReadAll(files, $"{mount}/loader/entries"))
            .Select(entry => ToItem(entry.Path, entry.SortKey, entry.MachineId, entry.Version, ToBootEntry(entry, mounts)));
        var distribution = OsRelease.Value(files, "IMAGE_ID") ?? OsRelease.Value(files, "ID");
        var images = mounts
            .SelectMany(mount => files.Files($"{mount}/EFI/Linux", "*.efi"))
            .Select(path => ToItem(path, distribution, null, "", ToBootEntry(path)));
        var all = InOrder(texts.Concat(images)).ToList();
        var pattern = Default(files.TryReadText($"{mounts[0]}/loader/loader.conf") ?? "");
        var wanted = pattern is null ? null : all.Find(item => Matches(item.Id, pattern));
        var doubt =
            pattern is null || wanted is not null ? null
            : pattern.StartsWith("@", StringComparison.Ordinal) ? $"the firmware of the source keeps the default entry ({pattern})"
            : $"no entry is named {pattern}, so systemd-boot starts the first one";
        return new BootEntries([.. all.Select(item => item.Entry)], (wanted ?? all.FirstOrDefault())?.Entry, doubt);
    }

    /// <summary>Those that failed too often come last, those with a sort key first, and of one key the newest.</summary>
    private static IEnumerable<Item> InOrder(IEnumerable<Item> items) =>
        items
            .OrderBy(item => item.HasFailed)
            .ThenBy(item => item.SortKey is null)
            .ThenBy(item => item.SortKey, StringComparer.Ordinal)
            .ThenBy(item => item.SortKey is null ? null : item.MachineId, StringComparer.Ordinal)
            .ThenByDescending(item => item.SortKey is null ? "" : item.Version, UapiVersionOrder.Instance)
            .ThenByDescending(item => item.Id, UapiVersionOrder.Instance);

    private static Item ToItem(string path, string? sortKey, string? machineId, string version, BootEntry entry)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var counter = Counter.Match(name);
        return new Item(
            Counter.Replace(name, "").ToLowerInvariant(),
            sortKey,
            machineId,
            version,
            counter.Success && counter.Groups["left"].Value.Trim('0').Length == 0,
            entry
        );
    }

    internal static BootEntry ToBootEntry(BlsEntry entry, IReadOnlyList<string> mounts)
    {
        // The mount point says which file system the paths begin at.
        var mount = mounts
            .Where(place => entry.Path.StartsWith($"{place}/", StringComparison.Ordinal))
            .OrderByDescending(place => place.Length)
            .First();
        return new BootEntry(entry.Title ?? entry.Id, entry.Path, $"mount:{mount}", entry.Linux, entry.Initrds, entry.Options);
    }

    private static BootEntry ToBootEntry(string image) =>
        new(image[(image.LastIndexOf('/') + 1)..], image, null, null, [], "") { UnifiedImage = image };

    private static string? Default(string text) =>
        text.Split('\n')
            .Select(line => line.Trim().Split((char[])[' ', '\t'], 2))
            .Where(fields => fields is ["default", _])
            .Select(fields => fields[1].Trim())
            .LastOrDefault();

    /// <summary>Older versions leave .conf out.</summary>
    private static bool Matches(string id, string pattern) =>
        ShellPattern.MatchesIgnoringCase(id, pattern)
        || (id.EndsWith(".conf", StringComparison.Ordinal) && ShellPattern.MatchesIgnoringCase(id[..^".conf".Length], pattern));

    /// <param name="Id">The file's name without counters, in small letters.</param>
    /// <param name="SortKey">Of an image, whose own is inside, the distribution's: that is what its builders take.</param>
    /// <param name="HasFailed">No try is left.</param>
    private sealed record Item(string Id, string? SortKey, string? MachineId, string Version, bool HasFailed, BootEntry Entry);
}
