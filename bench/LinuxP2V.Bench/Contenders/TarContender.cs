using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Bench.Contenders;

/// <summary>What an admin types: tar, ssh, tar, one stream.</summary>
/// <param name="host">A host of <see cref="SshServer.ClientConfiguration"/>: the choice of cipher.</param>
internal sealed class TarContender(string name, WorkFolder work, SshServer server, string host, Fidelity fidelity) : IContender
{
    private const string Script = """
        configuration=$1; host=$2; archive=$3; to=$4; shift 4
        ssh -F "$configuration" "$host" "$archive" | tar -x -p --numeric-owner -C "$to" "$@" -f -
        sync -f "$to"
        """;

    public string Name => name;

    public async Task<ICopy> CopyAsync(SourceVolume source, CancellationToken cancellationToken)
    {
        // An attribute is carried only if both ends are told; plain is what tar does by itself.
        string[] attributes = fidelity == Fidelity.Full ? ["--acls", "--xattrs", "--xattrs-include=*"] : [];
        string[] sparse = fidelity == Fidelity.Full ? ["-S"] : [];
        var archive =
            $"cd {PosixShell.Quote(source.Folder)} && exec "
            + $"{PosixShell.Join(["tar", "-c", "--numeric-owner", .. attributes, .. sparse, "-f", "-", "."])}";
        var target = await LoopVolume.CreateAsync(work, "target", source.VolumeBytes, cancellationToken);
        try
        {
            var measurement = await Measure.ScriptAsync(
                Script,
                [server.ClientConfiguration, host, archive, target.MountPoint, .. attributes],
                cancellationToken
            );
            return new TreeCopy(target, measurement, fidelity);
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }
}
