using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Volumes;

/// <summary>The source answers with <see cref="Views.ISourceView.NotMounted"/>.</summary>
internal static class UnmountedVolume
{
    /// <param name="remedy">What to do once it is mounted again, in words that follow "Mount it again and".</param>
    public static AgentException Of(VolumeWork work, string remedy) =>
        new(
            ErrorIds.VolumeNotFound,
            $"Nothing is mounted at {work.Volume.MountPoint} on {work.Streams.Source.Name} any more.",
            $"Mount it again and {remedy}."
        );
}
