using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Shapes;

/// <summary>A first copy of everything.</summary>
/// <param name="choose">The contenders, in the order of the table.</param>
internal sealed class CopyShape(
    string name,
    DataSet data,
    bool isInFiles,
    Func<ShapeContext, IEnumerable<IContender>> choose,
    params IReadOnlyList<Goal> goals
) : IShape
{
    public string Name => name;

    public DataSet Data => data;

    public async Task<ShapeResult> RunAsync(ShapeContext context, SourceVolume source, CancellationToken cancellationToken)
    {
        var result = new ShapeResult(name, data.Description, Baselines.TarFastName, isInFiles, isInFiles ? source.Entries : source.Bytes);
        result.Goals.AddRange(goals);
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
