using System.Globalization;

namespace LinuxP2V.Engine.Destinations.VSphere.Preflight;

/// <summary>The x86-64 level that a system is built for, and the one that a host or an EVC mode offers.</summary>
internal static class ProcessorLevels
{
    /// <summary>EVC modes that lack what level 2 or 3 asks for; all others, of today and later, have both.</summary>
    private static readonly string[] Level1 =
    [
        "intel-merom",
        "intel-penryn",
        "amd-rev-e",
        "amd-rev-f",
        "amd-greyhound-no3dnow",
        "amd-greyhound",
    ];

    private static readonly string[] Level2 =
    [
        "intel-nehalem",
        "intel-westmere",
        "intel-sandybridge",
        "intel-ivybridge",
        "amd-bulldozer",
        "amd-piledriver",
        "amd-steamroller",
    ];

    public static int Needed(string? operatingSystem, string? version)
    {
        _ = int.TryParse(version?.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major);
        return (operatingSystem?.ToLowerInvariant(), major) switch
        {
            ("rhel" or "centos" or "rocky" or "ol", >= 10) => 3,
            // AlmaLinux has builds of its tenth release for older processors too.
            ("rhel" or "centos" or "rocky" or "ol" or "almalinux", >= 9) => 2,
            ("sles" or "sles_sap" or "opensuse-leap", >= 16) => 2,
            _ => 1,
        };
    }

    /// <param name="mode">As currentEVCModeKey or maxEVCModeKey; null when unknown.</param>
    public static int Offered(string? mode) =>
        mode switch
        {
            null or "" => int.MaxValue,
            _ when Level1.Contains(mode) => 1,
            _ when Level2.Contains(mode) => 2,
            _ => int.MaxValue,
        };
}
