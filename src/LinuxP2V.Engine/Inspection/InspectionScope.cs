using LinuxP2V.Engine.Planning;
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
    [
        .. facts.Mounts.Where(mount =>
            (mount.Class == MountClass.Volume || (mount.Class == MountClass.Removable && IsNamed(mount, settings.IncludeVolumes)))
            && !IsNamed(mount, settings.ExcludeVolumes)
        ),
    ];

    public bool IsExcluded(MountFacts mount) => IsNamed(mount, settings.ExcludeVolumes);

    public MountFacts? VolumeAt(string mountPoint) => Volumes.FirstOrDefault(volume => volume.MountPoint == mountPoint);

    /// <summary>The volume that a folder lies on.</summary>
    public MountFacts? VolumeOf(string folder) =>
        Volumes
            .Where(volume => PosixPath.IsWithin(folder, volume.MountPoint))
            .OrderByDescending(volume => volume.MountPoint.Length)
            .FirstOrDefault();

    /// <summary>All devices below those that are copied, the swap areas' too.</summary>
    public IEnumerable<BlockDeviceFacts> UsedDevices()
    {
        var used = new HashSet<string>();
        var open = new Stack<string>(
            facts
                .BlockDevices.Where(device =>
                    Volumes.Any(volume => volume.Device == device.Path) || facts.Swaps.Any(swap => swap.Path == device.Path)
                )
                .Select(device => device.Name)
        );
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

    public static string List(IEnumerable<string> names) => string.Join(", ", names);

    private static bool IsNamed(MountFacts mount, IReadOnlyList<string> patterns) =>
        new VolumePatterns(patterns).Matches(mount.MountPoint, mount.Device);
}
