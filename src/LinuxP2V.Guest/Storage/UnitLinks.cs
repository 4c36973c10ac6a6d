using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Storage;

/// <summary>Where an administrator's units lie, and what pulls them in.</summary>
internal static class UnitLinks
{
    public const string Own = "/etc/systemd/system";

    public static readonly IReadOnlyList<string> Folders = [Own, "/usr/local/lib/systemd/system"];

    private static readonly string[] Dependencies = ["*.wants", "*.requires", "*.upholds"];

    /// <summary>Units of a kind: their files, and files that add settings to them.</summary>
    public static IEnumerable<string> Units(GuestTree files, string kind) =>
        Folders.SelectMany(folder => files.Files(folder, "*" + kind)).GroupBy(NameOf).Select(group => group.First());

    /// <summary>Files below NAME.d that add to a unit.</summary>
    public static IEnumerable<string> Additions(GuestTree files, string unit) =>
        Folders.SelectMany(folder => files.Files($"{folder}/{unit}.d", "*.conf"));

    /// <summary>What makes other units start this one.</summary>
    public static IReadOnlyList<string> To(GuestTree files, string unit) =>
        [
            .. from folder in Folders
            from pattern in Dependencies
            from dependency in files.Folders(folder, pattern)
            let link = $"{dependency}/{unit}"
            where files.Entry(link) is not null
            select link,
        ];

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
