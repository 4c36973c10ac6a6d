namespace LinuxP2V.Bench.Results;

/// <summary>One run of one contender.</summary>
/// <param name="Seconds">From its start until all is on the disk.</param>
/// <param name="CpuSeconds">Of the whole machine: both ends are on it.</param>
/// <param name="Programs">Of it, seconds of each program.</param>
/// <param name="AgentCpuSeconds">Of the agent's own process, without the tar and ssh that it starts; null for the others.</param>
internal sealed record Measurement(
    double Seconds,
    double CpuSeconds,
    IReadOnlyDictionary<string, double> Programs,
    double? AgentCpuSeconds = null
);

/// <summary>The agent under test cannot do what was asked: there is nothing to measure.</summary>
internal sealed class NotInThisBuildException(string message) : Exception(message);
