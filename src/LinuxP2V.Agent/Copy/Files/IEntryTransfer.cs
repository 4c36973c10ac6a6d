using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// Brings entries of a volume over, over as many streams as there are: contents and all metadata, the names of a file
/// with several, directories' times last. What is in the way in the copy is replaced. Everything is on the disk when it
/// returns.
/// </summary>
internal interface IEntryTransfer
{
    /// <param name="entries">
    /// Numbers in the manifest, rising. A file with several names comes with all of them that the manifest has.
    /// </param>
    /// <returns>What was brought over; entries that vanished meanwhile are reported as incidents and taken out of the copy.</returns>
    /// <exception cref="AgentException">SourceConnectionLost after a long outage, TargetDiskFull, CopyFailed.</exception>
    Task<TransferResult> TransferAsync(VolumeWork work, Manifest manifest, IReadOnlyList<int> entries, CancellationToken cancellationToken);
}

/// <param name="Bytes">Of file data.</param>
internal sealed record TransferResult(long Bytes, long Files);
