using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Views;

/// <summary>A volume of the source that is mounted read-only: nothing changes in it as long as that is so.</summary>
internal sealed class ReadOnlyMount(ISourceView live, string mountPoint, string device) : IFrozenView
{
    public string Device => device;

    public bool SeesBelowMounts => live.SeesBelowMounts;

    public string In(string script) => live.In(script);

    public string Beside(string script) =>
        $"""
            {MountedFrom.Facts(mountPoint)}
            [ "$state $device" = {PosixShell.Quote("ro " + device)} ] || exit {ISourceView.NotMounted}
            {script}
            """;

    /// <returns>Null when the volume may be written to, or is no whole file system of one device.</returns>
    public static async Task<ReadOnlyMount?> FindAsync(
        ICopyStreams streams,
        ISourceView live,
        TargetVolume volume,
        CancellationToken cancellationToken
    )
    {
        var script = $"""
            {MountedFrom.Facts(volume.MountPoint!)}
            [ -b "$device" ] && [ "$state" = ro ] && printf '%s' "$device"
            :
            """;
        var device = (await streams.AskAsync(script, cancellationToken)).Output;
        return device.Length > 0 ? new ReadOnlyMount(live, volume.MountPoint!, device) : null;
    }
}
