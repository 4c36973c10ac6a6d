using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Copy;

/// <summary>The list that a first copy is made by: it must be whole, as a copy that broke off goes on by the same one.</summary>
internal static class WholeListing
{
    /// <exception cref="AgentException">FilesUnreadable, unless that is allowed; what a listing throws.</exception>
    public static async Task<ManifestReading> ReadAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var unreadable = new UnreadableFiles(work.Sink);
        var reading = await ManifestReader.ReadAsync(work with { Sink = unreadable }, work.Record.ManifestPath, cancellationToken);
        if (unreadable.Count == 0 || work.Streams.Options.AllowUnreadable)
            return reading;

        File.Delete(work.Record.ManifestPath);
        throw unreadable.ToException(work.Streams.Source.Name, "Nothing of the volume was copied yet.");
    }
}
