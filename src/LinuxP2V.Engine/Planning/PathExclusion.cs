using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Gives each -ExcludePath to the volume that it lies on.</summary>
internal static class PathExclusion
{
    private static readonly HashSet<string> Vital = new(StringComparer.Ordinal)
    {
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/lib",
        "/lib64",
        "/proc",
        "/run",
        "/sbin",
        "/sys",
        "/usr",
    };

    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static void Assign(IReadOnlyList<string> paths, IReadOnlyList<PlannedVolume> volumes, IReadOnlyList<SkippedVolume> skipped)
    {
        foreach (var given in paths)
        {
            var path =
                PosixPath.Normalize(given)
                ?? throw Refuse(given, "is not an absolute path", "Give the whole path, beginning with / and without '..'.");
            if (Vital.Contains(path))
                throw Refuse(given, "cannot be left out: the copy would not boot without it", "Name folders inside it.");

            if (volumes.FirstOrDefault(volume => !volume.IsSwap && PosixPath.IsWithin(volume.Id, path)) is { } inside)
            {
                throw inside.Id == path
                    ? Refuse(given, "is a volume of its own", $"Use -ExcludeVolume {path}, or name folders inside it.")
                    : Refuse(
                        given,
                        $"holds the mount point of the volume {inside.Id}, which could not be mounted in the copy",
                        $"Leave that out too with -ExcludeVolume {inside.Id}, or name other folders."
                    );
            }

            var owner = volumes
                .Where(volume => !volume.IsSwap && PosixPath.IsWithin(path, volume.Id))
                .OrderBy(volume => volume.Id.Length)
                .Last();
            var isOnSkipped = skipped.Any(other =>
                other.MountPoint is { } mountPoint && mountPoint.Length > owner.Id.Length && PosixPath.IsWithin(path, mountPoint)
            );
            if (!isOnSkipped)
                owner.ExcludedPaths = [.. owner.ExcludedPaths, path];
        }
    }

    private static P2VException Refuse(string path, string why, string remedy) =>
        new(ErrorIds.PlanNotPossible, $"-ExcludePath {path} {why}.", remedy, path);
}
