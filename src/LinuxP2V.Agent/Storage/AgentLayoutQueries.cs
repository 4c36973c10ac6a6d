using System.Security.Cryptography;
using System.Text.Json;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>What storage and reconfiguration ask of a layout.</summary>
internal static class AgentLayoutQueries
{
    public const string FinishedMarker = ".linuxp2v-finished";

    /// <exception cref="AgentException">PlanNotPossible: there is no volume for /.</exception>
    public static TargetVolume RootVolume(this TargetLayout layout) =>
        layout.VolumeAt("/")
        ?? throw new AgentException(
            ErrorIds.PlanNotPossible,
            "The layout has no volume for /.",
            "Include / in the task: a machine without it cannot boot."
        );

    /// <summary>The volume that a path lies on.</summary>
    /// <exception cref="AgentException">PlanNotPossible: there is no volume for /.</exception>
    public static TargetVolume VolumeHolding(this TargetLayout layout, string path) => layout.VolumeAbove(path) ?? layout.RootVolume();

    /// <summary>Where the finished marker goes: the file system that the firmware's next stage reads first.</summary>
    public static TargetVolume BootVolume(this TargetLayout layout) =>
        (layout.Firmware == Firmware.Uefi ? layout.EfiVolume() : null) ?? layout.VolumeHolding("/boot");

    /// <summary>
    /// Tells two layouts apart by what is built, not by what the source happened to use when it was read, so that a task
    /// planned anew from fresh numbers still finds its copy.
    /// </summary>
    public static string Hash(this TargetLayout layout)
    {
        var built = layout with
        {
            Volumes = [.. layout.Volumes.Select(volume => volume with { UsedBytes = 0, UsedInodes = 0, ExcludedPaths = [] })],
        };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(built, ProtocolJson.Default.TargetLayout)));
    }
}
