using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Copy;

/// <summary>Brings one volume's files over.</summary>
internal interface IVolumeCopier
{
    /// <param name="targetPath">Where the volume alone is mounted.</param>
    /// <returns>Once all of it is on the disk.</returns>
    /// <exception cref="AgentException">SourceConnectionLost, TargetDiskFull, CopyFailed: what was copied stays, the next call copies the volume anew.</exception>
    Task<VolumeCopyResult> CopyAsync(
        ISource source, TargetVolume volume, string targetPath, IEventSink sink, CancellationToken cancellationToken);
}

/// <param name="Bytes">Of file data.</param>
/// <param name="Files">Of every type.</param>
internal sealed record VolumeCopyResult(long Bytes, long Files, TimeSpan Duration);
