using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>An entry of the Boot Loader Specification.</summary>
/// <param name="Id">Its file's name without .conf.</param>
/// <param name="Linux">Path on the file system that holds the entry; null where it starts another program.</param>
internal sealed record BlsEntry(
    string Path,
    string Id,
    string? Title,
    string? SortKey,
    string? MachineId,
    string Version,
    string? Linux,
    IReadOnlyList<string> Initrds,
    string Options
)
{
    /// <summary>Of a folder loader/entries.</summary>
    public static IReadOnlyList<BlsEntry> ReadAll(GuestTree files, string folder) =>
        [.. files.Files(folder, "*.conf").Select(path => Read(path, files.ReadText(path)))];

    /// <summary>As GRUB shows them: the newest file name first.</summary>
    public static IEnumerable<BlsEntry> InOrderOfGrub(IEnumerable<BlsEntry> entries) =>
        entries.OrderByDescending(entry => entry.Id, VersionOrder.Instance);

    private static BlsEntry Read(string path, string text)
    {
        var lines = text.Split('\n')
            .Select(line => line.Trim().Split((char[])[' ', '\t'], 2))
            .Where(fields => fields.Length == 2 && !fields[0].StartsWith("#", StringComparison.Ordinal))
            .Select(fields => (Key: fields[0], Value: fields[1].Trim()))
            .ToList();
        string? Last(string key) => lines.LastOrDefault(line => line.Key == key).Value;
        var name = path[(path.LastIndexOf('/') + 1)..];
        return new BlsEntry(
            path,
            name[..^".conf".Length],
            Last("title"),
            Last("sort-key"),
            Last("machine-id"),
            Last("version") ?? "",
            Last("linux"),
            // Red Hat's GRUB takes several on one line.
            [
                .. lines
                    .Where(line => line.Key == "initrd")
                    .SelectMany(line => line.Value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)),
            ],
            string.Join(" ", lines.Where(line => line.Key == "options").Select(line => line.Value))
        );
    }
}
