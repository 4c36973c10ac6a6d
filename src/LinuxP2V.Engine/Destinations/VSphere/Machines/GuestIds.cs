using System.Globalization;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>vSphere's names of operating systems, from os-release.</summary>
internal static class GuestIds
{
    /// <summary>Every host knows it.</summary>
    public const string Last = "otherLinux64Guest";

    private static readonly string[] Generic =
    [
        "other6xLinux64Guest",
        "other5xLinux64Guest",
        "other4xLinux64Guest",
        "other3xLinux64Guest",
        Last,
    ];

    /// <summary>Ids with {0} for the version, and the versions that have one, ascending.</summary>
    private static readonly Dictionary<string, (string Format, int[] Versions)> Numbered = new()
    {
        ["rhel"] = ("rhel{0}_64Guest", [3, 4, 5, 6, 7, 8, 9, 10]),
        ["centos"] = ("centos{0}_64Guest", [6, 7, 8, 9]),
        ["ol"] = ("oracleLinux{0}_64Guest", [6, 7, 8, 9, 10]),
        ["debian"] = ("debian{0}_64Guest", [4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
        ["sles"] = ("sles{0}_64Guest", [10, 11, 12, 15, 16]),
        ["amzn"] = ("amazonlinux{0}_64Guest", [2, 3]),
    };

    private static readonly Dictionary<string, string> Fixed = new()
    {
        ["ubuntu"] = "ubuntu64Guest",
        ["fedora"] = "fedora64Guest",
        ["photon"] = "vmwarePhoton64Guest",
        ["opensuse"] = "opensuse64Guest",
        ["opensuse-leap"] = "opensuse64Guest",
        ["opensuse-tumbleweed"] = "opensuse64Guest",
        ["almalinux"] = "almalinux_64Guest",
        ["rocky"] = "rockylinux_64Guest",
        ["kylin"] = "kylinlinux_64Guest",
    };

    /// <summary>From the best to the one that every host has; the older versions of a system come before the generic ones.</summary>
    public static IReadOnlyList<string> Candidates(string? id, string? version)
    {
        var name = id?.ToLowerInvariant() ?? "";
        if (name is "sles_sap" or "sled")
            name = "sles";

        var major = Major(name, version);
        var found = new List<string>();
        if (Fixed.TryGetValue(name, out var only))
            found.Add(only);

        // Rebuilds had the names of their model before they got their own.
        if (name is "almalinux" or "rocky")
            name = "rhel";

        if (Numbered.TryGetValue(name, out var numbered))
        {
            var known = numbered.Versions.Where(number => number <= major).Reverse();
            found.AddRange(known.Select(number => string.Format(CultureInfo.InvariantCulture, numbered.Format, number)));
        }

        return [.. found, .. Generic];
    }

    private static int Major(string name, string? version)
    {
        if (!int.TryParse(version?.Split('.', '-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major))
            // A rolling release is ahead of every number.
            return int.MaxValue;

        // Amazon counts years after its second release.
        return name == "amzn" && major > 2000 ? 3 : major;
    }
}
