using LinuxP2V.Bench.Machine;

namespace LinuxP2V.Bench.Agents;

/// <summary>What each run of the agent needs.</summary>
/// <param name="Agent">The published binary.</param>
/// <param name="Say">Gets what the agent tells, a line each.</param>
internal sealed record AgentBench(string Agent, WorkFolder Work, SshServer Server, Action<string> Say);
