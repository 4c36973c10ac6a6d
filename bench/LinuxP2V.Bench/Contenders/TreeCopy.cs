using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Contenders;

/// <summary>A copy that a script made.</summary>
internal class TreeCopy(LoopVolume volume, Measurement measurement, Fidelity fidelity = Fidelity.Full) : ICopy
{
    public Measurement Measurement => measurement;

    protected string Folder => volume.MountPoint;

    public Task<string?> FindDifferenceAsync(SourceVolume source, TreeJudge judge, CancellationToken cancellationToken) =>
        judge.FindDifferenceAsync(source, Folder, fidelity, cancellationToken);

    public ValueTask DisposeAsync() => volume.DisposeAsync();
}
