using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Services;

/// <summary>What starts with the system, by the links that switch it on.</summary>
internal static class EnabledServices
{
    private static readonly string[] RunLevels =
    [
        "/etc/rc2.d",
        "/etc/rc3.d",
        "/etc/rc5.d",
        "/etc/rc.d/rc3.d",
        "/etc/rc.d/rc5.d",
        "/etc/init.d/rc3.d",
        "/etc/init.d/rc5.d",
    ];

    private static readonly string[] LinkFolders = ["*.wants", "*.requires"];

    private static readonly Regex StartPattern = new(@"/S\d\d(?<name>[^/]+)$", RegexOptions.CultureInvariant);

    /// <summary>Names of systemd's units, with their ending for all but services, and of SysV scripts.</summary>
    public static IReadOnlyCollection<string> Find(GuestTree files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in LinkFolders.SelectMany(pattern => files.Folders("/etc/systemd/system", pattern)))
        {
            // The link alone tells: what it leads to may not have been read.
            foreach (var entry in files.Store.List(files.Resolve(folder)))
                names.Add(entry.Name.EndsWith(".service", StringComparison.Ordinal) ? entry.Name[..^".service".Length] : entry.Name);
        }

        foreach (var path in RunLevels.SelectMany(level => files.Files(level, "S*")))
        {
            if (StartPattern.Match(path) is { Success: true } match)
                names.Add(match.Groups["name"].Value);
        }

        names.RemoveWhere(name => files.Entry($"/etc/systemd/system/{name}.service") is { LinkTarget: "/dev/null" });
        return names;
    }
}
