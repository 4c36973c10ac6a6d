using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Source;

/// <summary>A connection that carries commands of other processes.</summary>
internal interface ISharedConnection
{
    /// <summary>
    /// Whether it is in order. A command that it carries ends with its script's exit code also where the connection broke
    /// behind that, with data still on the way.
    /// </summary>
    Task<bool> AnswersAsync(CancellationToken cancellationToken);

    /// <summary>The error that ssh's exit code and error output mean when a script never ran.</summary>
    AgentException NotStarted(int exitCode, string errorOutput);
}
