using System.Text.RegularExpressions;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>What <c>drbdsetup show</c> tells: which disk each replicated device keeps its data on.</summary>
internal static class Drbd
{
    /// <summary>
    /// drbd0 to /dev/vg/volume. Version 9 names the device in "volume 0 { device minor 0; disk "…"; }", version 8 by
    /// its path.
    /// </summary>
    public static IReadOnlyDictionary<string, string> ReadDisks(IEnumerable<string> lines)
    {
        var disks = new Dictionary<string, string>(StringComparer.Ordinal);
        string? device = null;
        string? disk = null;
        foreach (var line in lines)
        {
            if (Regex.Match(line, @"\bdevice\b.*?(?:minor\s+|/dev/drbd)(\d+)") is { Success: true } named)
                device = "drbd" + named.Groups[1].Value;
            if (Regex.Match(line, @"\bdisk\s+""(/dev/[^""]+)""") is { Success: true } below)
                disk = below.Groups[1].Value;
            if (device is null || disk is null)
                continue;

            disks[device] = disk;
            device = null;
            disk = null;
        }

        return disks;
    }
}
