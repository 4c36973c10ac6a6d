using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Contenders;

/// <summary>rsync with all that it can carry, over the faster cipher. Its second pass is what sync is compared with.</summary>
internal sealed class RsyncContender(string name, WorkFolder work, SshServer server) : IContender
{
    private const string Script = """
        rsync -aHAXS --numeric-ids --delete -e "ssh -F '$1' " "$2:$3/" "$4/"
        sync -f "$4"
        """;

    public string Name => name;

    public async Task<ICopy> CopyAsync(SourceVolume source, CancellationToken cancellationToken)
    {
        // A name of its own: this one lives while others come and go.
        var target = await LoopVolume.CreateAsync(work, "rsync-target", source.VolumeBytes, cancellationToken);
        try
        {
            return new RsyncCopy(this, target, await PassAsync(source, target.MountPoint, cancellationToken));
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    private Task<Measurement> PassAsync(SourceVolume source, string folder, CancellationToken cancellationToken) =>
        Measure.ScriptAsync(Script, [server.ClientConfiguration, SshServer.FastCipher, source.Folder, folder], cancellationToken);

    private sealed class RsyncCopy(RsyncContender owner, LoopVolume volume, Measurement measurement)
        : TreeCopy(volume, measurement),
            ISynchronizedCopy
    {
        public Task<Measurement> SyncAsync(SourceVolume source, CancellationToken cancellationToken) =>
            owner.PassAsync(source, Folder, cancellationToken);
    }
}
