using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Sync;

/// <summary>Whether the file system that was listed is the one that the copy was made of: else a pass would empty the copy.</summary>
internal static class SameSource
{
    /// <summary>The UUID decides where both lists know it: a device may get another name when the source boots.</summary>
    /// <exception cref="AgentException">SourceVolumeReplaced.</exception>
    public static void Ensure(VolumeWork work, ManifestHeader earlier, ManifestHeader now)
    {
        if (earlier.Uuid.Length > 0 && now.Uuid.Length > 0)
        {
            if (!IsSameUuid(earlier.Uuid, now.Uuid))
                throw Replaced(
                    work,
                    $"UUID {Text(now.Uuid)} on {Text(now.Device)}",
                    $"UUID {Text(earlier.Uuid)} on {Text(earlier.Device)}"
                );

            if (earlier.Device != now.Device)
                work.Sink.Information(
                    $"{work.Volume.Id} is mounted from {Text(now.Device)} now, not from {Text(earlier.Device)}: it is the same file system."
                );
        }
        else if (earlier.Device.Length > 0 && now.Device.Length > 0 && earlier.Device != now.Device)
        {
            throw Replaced(work, Text(now.Device), Text(earlier.Device));
        }
    }

    /// <summary>Where no earlier list tells: by what the plan says of the volume.</summary>
    /// <exception cref="AgentException">SourceVolumeReplaced.</exception>
    public static void Ensure(VolumeWork work, ManifestHeader now)
    {
        if (work.Volume.FileSystem.Uuid is { Length: > 0 } planned && now.Uuid.Length > 0 && !IsSameUuid(planned, now.Uuid))
            throw Replaced(work, $"UUID {Text(now.Uuid)} on {Text(now.Device)}", $"UUID {planned}");
    }

    private static bool IsSameUuid(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static AgentException Replaced(VolumeWork work, string now, string before) =>
        new(
            ErrorIds.SourceVolumeReplaced,
            $"Another file system is mounted at {work.Volume.MountPoint} on {work.Streams.Source.Name}: {now}. "
                + $"The copy was made of {before}.",
            "Mount the one that was copied, and synchronise again; or start a new conversion. The copy was not changed."
        );

    private static string Text(string fromSource) =>
        fromSource.Length == 0 ? "no device" : PrintedName.ForPeople(System.Text.Encoding.Latin1.GetBytes(fromSource));
}
