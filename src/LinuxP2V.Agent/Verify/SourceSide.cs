using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Verify;

/// <summary>Asks the source, over whichever stream is free.</summary>
internal sealed class SourceSide(VolumeWork work) : IComparisonSide
{
    /// <summary>xargs: some of the commands failed, which they did for single files.</summary>
    private const int SomeFailed = 123;

    public Task<string?[]> AskAsync(PropertyCheck check, IReadOnlyList<byte[]> paths, CancellationToken cancellationToken)
    {
        var list = PathList.Join(paths);
        return work.Streams.RunAsync(
            async (lane, token) =>
            {
                var lastLines = new LastLines();
                using var stream = lane.Start(work.View.In(check.OnSource.Text), lastLines.Add, CommandInput.Of(list));
                await using var registration = token.Register(stream.Kill);
                var output = await SourceText.ReadBytesAsync(
                    work.Streams.Limiter.Throttle(stream.Output, token),
                    SourceText.LongestList,
                    token
                );
                token.ThrowIfCancellationRequested();
                var exitCode = await stream.WaitAsync(token);
                if (exitCode is not (0 or SomeFailed))
                    throw Failure(exitCode, lastLines);

                // Of a file that has none there is no answer either.
                if (exitCode == SomeFailed && check.Kind == DifferenceKind.Attributes)
                    work.Sink.Warning($"{work.Volume.Id}: attributes that the source could not read were not compared: {lastLines}");

                try
                {
                    return new AnswerReader(paths).Read(output.Span, check.OnSource.Form);
                }
                catch (InvalidDataException exception)
                {
                    throw VerifyFailure.Of($"the tools of {work.Streams.Source.Name} answered what cannot be read", exception.Message);
                }
            },
            cancellationToken
        );
    }

    private AgentException Failure(int exitCode, LastLines lastLines) =>
        exitCode == ISourceView.NotMounted
            ? UnmountedVolume.Of(work, "repeat the comparison")
            : VerifyFailure.Of($"a tool of {work.Streams.Source.Name} ended with {exitCode}", lastLines.ToString());
}
