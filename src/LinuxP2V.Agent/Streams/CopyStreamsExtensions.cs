using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;

namespace LinuxP2V.Agent.Streams;

/// <summary>Small questions to the source by a stream that carries data too: a login for each would cost more than its answer.</summary>
internal static class CopyStreamsExtensions
{
    /// <summary>Runs a POSIX sh script to its end on a stream as soon as one is free: not from within a job, which holds one.</summary>
    /// <exception cref="AgentException">SourceConnectionLost once an outage lasted too long.</exception>
    public static Task<SourceResult> AskAsync(this ICopyStreams streams, string script, CancellationToken cancellationToken) =>
        streams.RunAsync((lane, token) => lane.AskAsync(script, token), cancellationToken);
}
