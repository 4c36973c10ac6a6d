using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>
/// GRUB without a menu, SUSE's grub2-bls: it shows the entries of the EFI system partition, and its environment beside it
/// names the one that starts.
/// </summary>
internal static class GrubOfEntries
{
    /// <summary>The name in the environment.</summary>
    public const string Setting = "default";

    /// <param name="folder">Of the loader.</param>
    public static string EnvironmentIn(string folder) => $"{folder}/grubenv";

    /// <param name="mounts">Of the EFI system partition, and of /boot where that is a partition of its own.</param>
    /// <param name="folder">Of the loader.</param>
    public static BootEntries Read(GuestTree files, IReadOnlyList<string> mounts, string folder)
    {
        var all = BlsEntry
            .InOrderOfGrub(mounts.SelectMany(mount => BlsEntry.ReadAll(files, $"{mount}/loader/entries")))
            .Select(entry => (entry.Id, Entry: SystemdBootEntries.ToBootEntry(entry, mounts)))
            .ToList();
        GrubEnvironment.Read(files, EnvironmentIn(folder)).TryGetValue(Setting, out var wanted);
        var named = all.Find(item => item.Id == wanted || $"{item.Id}.conf" == wanted).Entry;
        return new BootEntries(
            [.. all.Select(item => item.Entry)],
            named ?? all.FirstOrDefault().Entry,
            string.IsNullOrEmpty(wanted) || named is not null ? null : $"no entry is named {wanted}, so GRUB starts the first one"
        );
    }
}
