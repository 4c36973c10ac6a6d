using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>What the agent itself writes into the copy.</summary>
internal static class AgentFiles
{
    /// <summary>
    /// What a source that is itself a copy may still have at a volume's root. In the copy these tell of this conversion:
    /// by the marker a helper that starts again would boot the half of it.
    /// </summary>
    public static IEnumerable<string> NamesIn(TargetVolume volume) =>
        volume.MountPoint == "/" ? [AgentLayoutQueries.FinishedMarker, TargetJournal.Folder] : [AgentLayoutQueries.FinishedMarker];
}
