using System.Text;
using LinuxP2V.Agent.Copy.Verify;
using LinuxP2V.Agent.Source;

namespace LinuxP2V.Agent.Copy.Streams;

/// <summary>Small questions to the source by a stream that carries data too: a login for each would cost more than its answer.</summary>
internal static class SourceQuestions
{
    /// <summary>Runs a POSIX sh script to its end on a stream as soon as one is free: not from within a job, which holds one.</summary>
    /// <exception cref="AgentException">SourceConnectionLost once patience is over.</exception>
    public static Task<SourceResult> AskAsync(this ICopyStreams streams, string script, CancellationToken cancellationToken) =>
        streams.RunAsync((lane, token) => lane.AskAsync(script, token), cancellationToken);

    /// <summary>The same within a job.</summary>
    /// <returns>Its output, whole, and the last words of its standard error.</returns>
    public static async Task<SourceResult> AskAsync(this ISourceLane lane, string script, CancellationToken cancellationToken)
    {
        var words = new LastWords();
        using var stream = lane.Start(script, words.Add);
        await using var registration = cancellationToken.Register(stream.Kill);
        using var reader = new StreamReader(stream.Output, new UTF8Encoding(false));
        var output = await reader.ReadToEndAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return new SourceResult(await stream.WaitAsync(cancellationToken), output, words.ToString());
    }
}
