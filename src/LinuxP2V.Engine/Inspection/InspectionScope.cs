using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Inspection;

/// <summary>The facts, and what of them the admin wants copied.</summary>
internal sealed class InspectionScope(SourceFacts facts, TaskSettings settings)
{
    public SourceFacts Facts => facts;

    public TaskSettings Settings => settings;

    public string Host => facts.HostName;

    /// <summary>Volumes that would be copied.</summary>
    public IReadOnlyList<MountFacts> Volumes { get; } =
        [.. facts.Mounts.Where(mount => mount.Class == MountClass.Volume && !IsExcluded(mount, settings))];

    public bool IsExcluded(MountFacts mount) => IsExcluded(mount, settings);

    public MountFacts? VolumeAt(string mountPoint) => Volumes.FirstOrDefault(volume => volume.MountPoint == mountPoint);

    /// <summary>The volume that a folder lies on.</summary>
    public MountFacts? VolumeOf(string folder) => Volumes
        .Where(volume => volume.MountPoint == "/" || folder == volume.MountPoint || folder.StartsWith(volume.MountPoint + "/", StringComparison.Ordinal))
        .OrderByDescending(volume => volume.MountPoint.Length)
        .FirstOrDefault();

    /// <summary>All devices below those that are copied, the swap areas' too.</summary>
    public IEnumerable<BlockDeviceFacts> UsedDevices()
    {
        var used = new HashSet<string>();
        var open = new Stack<string>(facts.BlockDevices
            .Where(device => Volumes.Any(volume => volume.Device == device.Path) || facts.Swaps.Any(swap => swap.Path == device.Path))
            .Select(device => device.Name));
        while (open.Count > 0)
        {
            var name = open.Pop();
            if (!used.Add(name))
                continue;

            foreach (var parent in facts.BlockDevices.Where(device => device.Name == name).SelectMany(device => device.Parents))
                open.Push(parent);
        }

        return facts.BlockDevices.Where(device => used.Contains(device.Name));
    }

    public static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => (bytes / (double)(1L << 30)).ToString("0.#", CultureInfo.InvariantCulture) + " GB",
        >= 1L << 20 => (bytes / (double)(1L << 20)).ToString("0", CultureInfo.InvariantCulture) + " MB",
        _ => (bytes / 1024.0).ToString("0", CultureInfo.InvariantCulture) + " KB",
    };

    public static string List(IEnumerable<string> names) => string.Join(", ", names);

    private static bool IsExcluded(MountFacts mount, TaskSettings settings) =>
        settings.ExcludeVolumes.Any(pattern => Matches(pattern, mount.MountPoint) || Matches(pattern, mount.Device));

    private static bool Matches(string pattern, string name)
    {
        var trimmed = pattern.Length > 1 ? pattern.TrimEnd('/') : pattern;
        return Regex.IsMatch(name, "^" + Regex.Escape(trimmed).Replace("\\*", ".*").Replace("\\?", ".") + "$", RegexOptions.CultureInvariant);
    }
}
