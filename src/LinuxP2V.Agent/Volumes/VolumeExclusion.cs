using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Volumes;

/// <summary>Whether excluded paths leave out a volume as a whole.</summary>
internal static class VolumeExclusion
{
    /// <summary>Whether an excluded path is the volume's root or above it.</summary>
    public static bool IsLeftOut(TargetVolume volume) =>
        volume.MountPoint is { } root
        && volume.ExcludedPaths.Any(path => $"{root.TrimEnd('/')}/".StartsWith($"{path.TrimEnd('/')}/", StringComparison.Ordinal));
}
