using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A volume's work as the session makes it, on a source that is connected to already.</summary>
internal static class Works
{
    public static async Task<VolumeWork> CreateAsync(
        ISource source,
        TargetVolume volume,
        string targetPath,
        IEventSink sink,
        CopyOptions? options = null,
        BandwidthLimiter? limiter = null
    )
    {
        var streams = new CopyStreams(source, options ?? new CopyOptions(), limiter ?? new BandwidthLimiter(), sink);
        return new VolumeWork
        {
            Volume = volume,
            TargetPath = targetPath,
            TargetDevice = "",
            // Beside the volume's mount point: of a volume that is no root, nothing but its files is on it.
            Record = new VolumeRecord(Path.Combine(Path.GetDirectoryName(targetPath)!, "record")),
            View = new LiveView(await streams.ReadToolsAsync(default), volume),
            Streams = streams,
            Sink = sink,
        };
    }
}
