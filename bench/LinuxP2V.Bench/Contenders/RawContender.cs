using System.Globalization;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Contenders;

/// <summary>The bound: as many bytes as the data set has, from one file into one file, by dd over the faster cipher.</summary>
/// <param name="rawFile">A volume that holds a <see cref="RawFile"/>, as large as the largest data set.</param>
internal sealed class RawContender(string name, WorkFolder work, SshServer server, SourceVolume rawFile) : IContender
{
    private const string Script = """
        ssh -F "$1" "$2" "exec dd if='$3' bs=1M iflag=fullblock,count_bytes count=$5 status=none" |
          dd of="$4" bs=1M iflag=fullblock status=none
        sync -f "$4"
        """;

    public string Name => name;

    public async Task<ICopy> CopyAsync(SourceVolume source, CancellationToken cancellationToken)
    {
        var target = await LoopVolume.CreateAsync(work, "target", source.Bytes + (256L << 20), cancellationToken);
        try
        {
            var (from, to) = (Path.Combine(rawFile.Folder, RawFile.FileName), Path.Combine(target.MountPoint, RawFile.FileName));
            var bytes = source.Bytes.ToString(CultureInfo.InvariantCulture);
            var measurement = await Measure.ScriptAsync(
                Script,
                [server.ClientConfiguration, SshServer.FastCipher, from, to, bytes],
                cancellationToken
            );
            return new RawCopy(target, measurement, from, to);
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    private sealed class RawCopy(LoopVolume volume, Measurement measurement, string from, string to) : ICopy
    {
        public Measurement Measurement => measurement;

        public async Task<string?> FindDifferenceAsync(SourceVolume source, TreeJudge judge, CancellationToken cancellationToken)
        {
            var (code, output, error) = await Shell.TryAsync(
                "[ \"$(stat -c %s \"$2\")\" = \"$3\" ] && cmp -n \"$3\" \"$1\" \"$2\"",
                [from, to, source.Bytes.ToString(CultureInfo.InvariantCulture)],
                cancellationToken
            );
            return code == 0 ? null : $"dd's file is another: {output}{error}";
        }

        public ValueTask DisposeAsync() => volume.DisposeAsync();
    }
}
