using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Source;

/// <summary>Answers of the source that are text, and small.</summary>
internal static class SourceText
{
    /// <summary>Of an answer that goes to people or is taken apart as text.</summary>
    private const int LongestText = 128 << 20;

    /// <summary>For answers with a line for each of many files: more does not fit into a helper.</summary>
    public const int LongestList = 1 << 30;

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
        var output = await ReadBytesAsync(stream.Output, LongestText, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return (await stream.WaitAsync(cancellationToken), new UTF8Encoding(false).GetString(output.Span));
    }

    /// <summary>Reads all of an answer that has to be held in memory.</summary>
    /// <param name="most">Bytes that it can have.</param>
    /// <exception cref="AgentException">SourceAnswerInvalid: it is longer.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(Stream output, int most, CancellationToken cancellationToken)
    {
        using var answer = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await output.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (answer.Length + count > most)
            {
                throw new AgentException(
                    ErrorIds.SourceAnswerInvalid,
                    $"The source answered a question with more than {most >> 20} MB.",
                    "Look at the tools of the source that are named in the helper's log: whether they are those of its distribution."
                );
            }

            answer.Write(buffer, 0, count);
        }

        return answer.GetBuffer().AsMemory(0, (int)answer.Length);
    }
}
