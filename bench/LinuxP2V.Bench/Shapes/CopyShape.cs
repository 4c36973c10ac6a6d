using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Shapes;

/// <summary>A first copy of everything.</summary>
/// <param name="choose">The contenders, in the order of the table.</param>
/// <param name="regime">What is slower than this machine; null: nothing.</param>
internal sealed class CopyShape(
    string name,
    DataSet data,
    bool isInFiles,
    Func<ShapeContext, IEnumerable<IContender>> choose,
    IReadOnlyList<Goal> goals,
    Regime? regime = null
) : IShape
{
    public string Name => name;

    public DataSet Data => data;

    public async Task<ShapeResult> RunAsync(ShapeContext context, SourceVolume source, CancellationToken cancellationToken)
    {
        var description = regime is null ? data.Description : $"{data.Description}; {regime.Description}";
        var result = new ShapeResult(name, description, Baselines.TarFastName, isInFiles, isInFiles ? source.Entries : source.Bytes);
        result.Goals.AddRange(goals);
        await using var applied = await (regime ?? new Regime()).ApplyAsync(context, source, cancellationToken);
        await Rounds.RunAsync(
            result,
            context,
            [.. choose(context).Select(contender => (contender.Name, Runner(contender)))],
            cancellationToken
        );
        return result;

        Func<Task<Measurement>> Runner(IContender contender) =>
            async () =>
            {
                await using var copy = await contender.CopyAsync(source, cancellationToken);
                return await copy.FindDifferenceAsync(source, context.Judge, cancellationToken) is { } difference
                    ? throw new BenchException($"The copy is not as its source. {difference}")
                    : copy.Measurement;
            };
    }
}
