using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>What systemd-boot starts: entries of the EFI system partition, and of /boot where that is a partition of its own.</summary>
internal static class SystemdBootEntries
{
    /// <param name="mounts">The EFI system partition's mount point first.</param>
    public static BootEntries Read(GuestTree files, IReadOnlyList<string> mounts)
    {
        var texts = BlsEntry
            .InOrderOfSystemdBoot(mounts.SelectMany(mount => BlsEntry.ReadAll(files, $"{mount}/loader/entries")))
            .Select(entry => (Name: entry.Id + ".conf", Entry: ToBootEntry(entry, mounts)))
            .ToList();
        var images = mounts
            .SelectMany(mount => files.Files($"{mount}/EFI/Linux", "*.efi"))
            .Select(path => (Name: path[(path.LastIndexOf('/') + 1)..], Entry: ToBootEntry(path)));
        var all = texts.Concat(images).ToList();
        var pattern = Default(files.TryReadText($"{mounts[0]}/loader/loader.conf") ?? "");
        var wanted = pattern is null ? default : all.FirstOrDefault(item => Matches(item.Name, pattern));
        var doubt =
            pattern is null || wanted.Entry is not null ? null
            : pattern.StartsWith("@", StringComparison.Ordinal) ? $"the firmware of the source keeps the default entry ({pattern})"
            : $"no entry is named {pattern}, so systemd-boot starts the first one";
        return new BootEntries([.. all.Select(item => item.Entry)], wanted.Entry ?? all.FirstOrDefault().Entry, doubt);
    }

    private static BootEntry ToBootEntry(BlsEntry entry, IReadOnlyList<string> mounts)
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

    private static bool Matches(string name, string pattern)
    {
        var expression = "^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "$";
        var plain = name.EndsWith(".conf", StringComparison.Ordinal) ? name[..^".conf".Length] : name;
        return Regex.IsMatch(name, expression, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)
            || Regex.IsMatch(plain, expression, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
    }
}
