using LinuxP2V.Bench.Agents;
using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Results;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Bench.Shapes;

/// <summary>Comparing a copy with its source, beside plain checksums of the files alone.</summary>
internal sealed class VerifyShape(string name, DataSet data, bool isInFiles, double goal) : IShape
{
    private const string AgentName = "agent verify";

    /// <summary>As in a conversion, both sides work at the same time; the slower one counts.</summary>
    private const string BothName = "b2sum both";

    private const string SumScript = """
        sum() { cd "$1" && find . -xdev -type f -print0 | xargs -0 -r b2sum -- > /dev/null; }
        pids=
        for folder; do sum "$folder" & pids="$pids $!"; done
        for pid in $pids; do wait "$pid"; done
        """;

    public string Name => name;

    public DataSet Data => data;

    public async Task<ShapeResult> RunAsync(ShapeContext context, SourceVolume source, CancellationToken cancellationToken)
    {
        var result = new ShapeResult(
            name,
            $"{data.Description}: all of the copy compared with all of its source; "
                + "b2sum reads contents alone, both sides at the same time or one of them",
            BothName,
            isInFiles,
            isInFiles ? source.Entries : source.Bytes
        );
        result.Goals.AddRange([Goal.TimesAsFast(AgentName, BothName, goal), Goal.LittleCpu(AgentName)]);
        context.Say("  first copy");
        try
        {
            await using var copy = await AgentCopy.MakeAsync(
                context.Agent,
                source,
                new CopyOptions { Mode = CopyMode.File },
                cancellationToken
            );
            await Rounds.RunAsync(
                result,
                context,
                [
                    (AgentName, () => VerifyAsync(copy)),
                    (BothName, () => Measure.ScriptAsync(SumScript, [source.Folder, copy.Folder], cancellationToken)),
                    ("b2sum source", () => Measure.ScriptAsync(SumScript, [source.Folder], cancellationToken)),
                    ("b2sum copy", () => Measure.ScriptAsync(SumScript, [copy.Folder], cancellationToken)),
                ],
                cancellationToken
            );
        }
        catch (Exception exception) when (exception is BenchException or NotInThisBuildException)
        {
            result.Wrong.Add(exception.Message);
            context.Say($"  WRONG: {exception.Message}");
        }

        return result;

        async Task<Measurement> VerifyAsync(AgentCopy copy)
        {
            var (verified, measurement) = await copy.VerifyAsync(source, cancellationToken);
            var counts = verified.Counts;
            if (counts.Wrong > 0 || counts.ChangedOnSource > 0)
                throw new BenchException(
                    $"A copy that is right has {counts.Wrong} wrong entries and {counts.ChangedOnSource} changed ones for the agent."
                );

            // Quick for having read less would be no speed.
            return counts.Bytes >= source.Bytes * 0.99
                ? measurement
                : throw new BenchException($"The agent compared {counts.Bytes} bytes of {source.Bytes}.");
        }
    }
}
