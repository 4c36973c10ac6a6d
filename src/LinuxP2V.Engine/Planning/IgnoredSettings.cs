using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Planning;

/// <summary>Settings that a destination has no use for: an admin who gave them means something else. Places are refused.</summary>
internal static class IgnoredSettings
{
    /// <summary>Names of the parameters; none on vSphere.</summary>
    public static IReadOnlyList<string> Of(TaskSettings settings, bool isLocal) =>
        !isLocal
            ? []
            :
            [
                .. new (string Name, bool IsGiven)[]
                {
                    ("-NetworkName", settings.NetworkNames.Count > 0),
                    ("-NetworkMapping", settings.NetworkMappings.Count > 0),
                    ("-HardwareVersion", settings.HardwareVersion is not null),
                    ("-StartDisconnected", settings.StartDisconnected),
                    ("-CustomAttribute", settings.CustomAttributes.Count > 0),
                    ("-Tag", settings.Tags.Count > 0),
                    ("-StoragePolicy", settings.StoragePolicy is not null),
                    ("-VirtualTpm", settings.VirtualTpm),
                }
                    .Where(setting => setting.IsGiven)
                    .Select(setting => setting.Name),
            ];
}
