using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// Gives folders their owner, mode, attributes and times when nothing in them changes any more: one tar of folders alone.
/// What is no folder on the source by now is kept out of it, as the copy's folder is full.
/// </summary>
internal sealed class DirectoryPass(TransferContext context)
{
    /// <summary>So many names go to one tar: a broken connection repeats no more than these.</summary>
    private const int MostNames = 100_000;

    private readonly VolumeWork work = context.Work;

    /// <returns>The folders that are gone from the source, deepest last.</returns>
    public async Task<IReadOnlyList<int>> RunAsync(IEnumerable<int> directories, CancellationToken cancellationToken)
    {
        var missing = new List<int>();
        foreach (var names in directories.Chunk(MostNames))
        {
            var (members, messages) = await work.Streams.RunAsync((lane, token) => ReadAsync(lane, names, token), cancellationToken);
            messages.Report(context.Incidents);
            missing.AddRange(members.Missing);
        }

        return missing;
    }

    private async Task<(ShardNames Names, SourceMessages Messages)> ReadAsync(
        ISourceLane lane,
        int[] directories,
        CancellationToken cancellationToken
    )
    {
        var messages = new SourceMessages(context.Script.SeesBelowMounts);
        var names = new ShardNames(context.Manifest, directories);
        using var extractor = TarExtractor.Start(work.Volume, work.TargetPath, messages.Add, work.Sink, context.Script.AclsAreAttributes);
        // Not disposed: that would write once more to a tar that may be gone.
        var to = new BufferedStream(extractor.Input, 1 << 16);
        var broken = false;
        var meter = new TarMeter(
            (in TarMember member) =>
            {
                var entry = names.Accept(member);
                if (member.Type == '5')
                    broken = broken || !TryWrite(member, to);
                else
                    messages.Add(
                        new CopyIncident(
                            CopyIncidentKind.Changed,
                            "/" + context.Manifest.TextOf(entry),
                            "It was a folder and is something else now."
                        )
                    );
            },
            isPosix: true
        );
        using var stream = lane.Start(context.Script.Asked(), messages.OnLine, CommandInput.Of(names.List));
        await using var registration = cancellationToken.Register(() =>
        {
            stream.Kill();
            extractor.Kill();
        });
        var from = work.Streams.Limiter.Throttle(stream.Output, cancellationToken);
        await Task.Run(
            () =>
            {
                var buffer = new byte[1 << 16];
                try
                {
                    while (!broken && from.Read(buffer) is var count and > 0)
                        meter.Add(buffer.AsSpan(0, count));
                }
                catch (Exception exception) when (exception is IOException or ObjectDisposedException)
                {
                    // Told by the one who waits for the command's end.
                }
                catch (UnexpectedArchiveException exception)
                {
                    throw SourceMessages.Unexpected(work, exception);
                }
            },
            CancellationToken.None
        );
        cancellationToken.ThrowIfCancellationRequested();
        if (broken)
        {
            stream.Kill();
            extractor.Kill();
        }
        else
        {
            var exitCode = await stream.WaitAsync(cancellationToken);
            names.Complete();
            messages.Judge(work, exitCode, meter, names);
            TryFinish(to);
        }

        await extractor.WaitAsync(cancellationToken);
        context.Progress.Add(0, directories.Length - names.Missing.Count);
        return (names, messages);
    }

    private static bool TryWrite(in TarMember member, Stream to)
    {
        try
        {
            TarWriter.Repeat(member, to);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void TryFinish(Stream to)
    {
        try
        {
            TarWriter.WriteEnd(to);
            to.Flush();
            to.Close();
        }
        catch (IOException)
        {
            // A tar that ended early has an exit code and messages.
        }
    }
}
