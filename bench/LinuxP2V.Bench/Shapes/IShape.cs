using LinuxP2V.Bench.Agents;
using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Shapes;

/// <summary>One thing to measure on one data set.</summary>
internal interface IShape
{
    /// <summary>As -Shape names it.</summary>
    string Name { get; }

    DataSet Data { get; }

    /// <summary>What fails goes into the result; only a cancelled run throws, and a machine on which nothing can be measured.</summary>
    Task<ShapeResult> RunAsync(ShapeContext context, SourceVolume source, CancellationToken cancellationToken);
}

/// <param name="Baselines">What the agent is compared with.</param>
/// <param name="Say">Prints a line.</param>
internal sealed record ShapeContext(AgentBench Agent, Baselines Baselines, TreeJudge Judge, int Rounds, Action<string> Say);
