using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Network;

/// <summary>
/// systemd applies one .link file to an adapter, the first that matches: what the admin's own files set (MTU, Wake-on-LAN)
/// must stand in ours, which comes first.
/// </summary>
internal sealed class LinkSettings
{
    private static readonly string[] Folders = ["/etc/systemd/network", "/usr/local/lib/systemd/network"];

    /// <summary>Of the adapter's name, which ours gives.</summary>
    private static readonly string[] NameKeys = ["Name", "NamePolicy"];

    private LinkSettings(IReadOnlyList<string> sources, IReadOnlyList<string> lines) => (Sources, Lines) = (sources, lines);

    /// <summary>The admin's files that apply to the adapter.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>Lines of [Link].</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>The last component of the first file's path; empty where there is none.</summary>
    public string FirstName => Sources.Select(NameOf).OrderBy(name => name, StringComparer.Ordinal).FirstOrDefault() ?? "";

    /// <param name="files">With the VM's addresses in them already.</param>
    public static LinkSettings Of(GuestTree files, AdapterMapping adapter)
    {
        var (sources, settings) = (new List<string>(), new List<ConfigLine>());
        foreach (var path in Candidates(files))
        {
            var file = ConfigSections.Parse(files.ReadText(path));
            if (Applies(file, adapter) is not { } isCertain)
                continue;

            var parts = files.Files($"{path}.d", "*.conf").SelectMany(part => ConfigSections.Parse(files.ReadText(part)).Settings("Link"));
            var own = file.Settings("Link").Concat(parts).Where(line => !NameKeys.Contains(line.Key)).ToList();
            if (own.Count > 0)
            {
                // A file that names the address certainly applied; one that matches by name only as far as it adds to that.
                settings = isCertain
                    ? [.. own, .. settings.Where(line => own.All(other => other.Key != line.Key))]
                    : [.. settings, .. own.Where(line => settings.All(other => other.Key != line.Key))];
            }

            sources.Add(path);
            if (isCertain)
                break;
        }

        return new LinkSettings(sources, [.. settings.Select(line => $"{line.Key}={line.Value}")]);
    }

    private static IEnumerable<string> Candidates(GuestTree files) =>
        Folders
            .SelectMany(folder => files.Files(folder, "*.link"))
            .Where(path => !LinkFiles.IsOwn(path))
            .GroupBy(path => NameOf(path))
            .Select(group => group.First())
            .OrderBy(path => NameOf(path), StringComparer.Ordinal);

    /// <returns>Null where it does not apply; false where it does by the name that the adapter has later.</returns>
    private static bool? Applies(ConfigSections file, AdapterMapping adapter)
    {
        bool? result = false;
        foreach (var line in file.Settings("Match"))
        {
            var words = line.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            switch (line.Key)
            {
                case "MACAddress" or "PermanentMACAddress" when MacText.Names(line.Value, adapter.TargetMac ?? adapter.SourceMac):
                case "OriginalName" when words.Any(word => ShellPattern.Matches("eth0", word)):
                    result = true;
                    break;
                case "OriginalName" when words.Any(word => ShellPattern.Matches(adapter.SourceName, word)):
                case "Type" when words.Contains("ether"):
                    break;
                default:
                    return null;
            }
        }

        return result;
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
