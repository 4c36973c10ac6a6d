using LinuxP2V.Bench.Agents;
using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Results;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Bench.Shapes;

/// <summary>A second pass after one file of a hundred has changed; the first copies are not measured.</summary>
internal sealed class SyncShape(string name, SmallFiles data, double goal) : IShape
{
    private const string AgentName = "agent sync";

    public string Name => name;

    public DataSet Data => data;

    public async Task<ShapeResult> RunAsync(ShapeContext context, SourceVolume source, CancellationToken cancellationToken)
    {
        var result = new ShapeResult(
            name,
            "the small files, 1 % of them changed before each pass; the rate is of files looked at",
            Baselines.RsyncName,
            true,
            source.Entries
        );
        result.Goals.AddRange([Goal.TimesAsFast(AgentName, Baselines.RsyncName, goal), Goal.LittleCpu(AgentName)]);
        var mutation = new Mutation(data);
        var copies = new List<(string Name, ISynchronizedCopy Copy)>();
        try
        {
            foreach (
                var contender in new[]
                {
                    new AgentContender(AgentName, context.Agent, new CopyOptions { Mode = CopyMode.File }),
                    context.Baselines.Rsync,
                }
            )
            {
                context.Say($"  first copy for {contender.Name}");
                copies.Add((contender.Name, (ISynchronizedCopy)await contender.CopyAsync(source, cancellationToken)));
            }

            await Rounds.RunAsync(
                result,
                context,
                [.. copies.Select(copy => (copy.Name, Runner(copy.Copy)))],
                cancellationToken,
                ChangeAsync
            );
        }
        catch (Exception exception) when (exception is BenchException or NotInThisBuildException)
        {
            result.Wrong.Add(exception.Message);
            context.Say($"  WRONG: {exception.Message}");
        }
        finally
        {
            foreach (var (_, copy) in copies)
                await copy.DisposeAsync();
        }

        return result;

        async Task ChangeAsync()
        {
            await source.ChangeAsync(folder => mutation.Apply(folder), cancellationToken);
            context.Judge.Forget();
        }

        Func<Task<Measurement>> Runner(ISynchronizedCopy copy) =>
            async () =>
            {
                var measurement = await copy.SyncAsync(source, cancellationToken);
                return await copy.FindDifferenceAsync(source, context.Judge, cancellationToken) is { } difference
                    ? throw new BenchException($"After the pass the copy is not as its source. {difference}")
                    : measurement;
            };
    }
}
