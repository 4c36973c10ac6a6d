using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Source;

/// <summary>Answers of the source that are text, and small.</summary>
internal static class SourceText
{
    /// <summary>Runs a POSIX sh script to its end.</summary>
    /// <returns>Its whole output, and the last lines of its standard error.</returns>
    /// <exception cref="AgentException">It never started, or the connection broke before its end.</exception>
    public static async Task<SourceResult> AskAsync(this ISourceLane lane, string script, CancellationToken cancellationToken)
    {
        var lastLines = new LastLines();
        using var stream = lane.Start(script, lastLines.Add);
        var (exitCode, output) = await stream.ReadToEndAsync(cancellationToken);
        return new SourceResult(exitCode, output, lastLines.ToString());
    }

    /// <summary>Reads what a command writes, and waits for its end. Cancelling kills it.</summary>
    /// <exception cref="AgentException">It never started, or the connection broke before its end.</exception>
    public static async Task<(int ExitCode, string Output)> ReadToEndAsync(this ISourceStream stream, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(stream.Kill);
        using var reader = new StreamReader(stream.Output, new UTF8Encoding(false));
        var output = await reader.ReadToEndAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return (await stream.WaitAsync(cancellationToken), output);
    }
}
