using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Verify;

/// <summary>The lists that are not kept: of the copy, of the last pass, and of the source once more.</summary>
internal static class VerifyLists
{
    /// <summary>Lists the copy, without the agent's own folder.</summary>
    /// <exception cref="AgentException">VerificationFailed.</exception>
    public static async Task ReadCopyAsync(VolumeWork work, ManifestParser.RecordHandler onRecord, CancellationToken cancellationToken)
    {
        IEnumerable<string> own = work.Record.Folder.StartsWith(work.TargetPath + "/", StringComparison.Ordinal)
            ? [TargetJournal.Folder]
            : [];
        var script = ManifestScript.List(ListingTool.Find, [.. ManifestScript.ExcludedFrom(work.Volume), .. own]);
        using var output = new ParsingStream(new ManifestParser(onRecord));
        var (exitCode, errorOutput) = await HelperScript.RunAsync(script, work.TargetPath, default, output, cancellationToken);
        if (exitCode != 0 || !output.IsWhole)
            throw VerifyFailure.Of($"the helper could not list the copy of {work.Volume.Id}: find ended with {exitCode}", errorOutput);
    }

    /// <summary>Reads what the last pass brought over.</summary>
    /// <returns>Null when the copy holds no such list, or a damaged one.</returns>
    public static Task<SourceChanges?> ReadStoredAsync(VolumeWork work, Manifest source, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                if (!StoredManifest.Exists(work.Record.ManifestPath))
                    return null;

                var changes = new SourceChanges(source);
                Nanoseconds passStart = 0;
                try
                {
                    StoredManifest.Read(
                        work.Record.ManifestPath,
                        (path, in record) => changes.AddEarlier(path, record, passStart),
                        header => passStart = header.Start,
                        cancellationToken
                    );
                    return changes;
                }
                catch (InvalidDataException)
                {
                    return null;
                }
            },
            cancellationToken
        );

    /// <summary>Lists the source once more and tells what is not as it was in the first list.</summary>
    public static Task<SourceChanges> ReadSourceAgainAsync(
        VolumeWork work,
        Manifest source,
        ListingTool lister,
        CancellationToken cancellationToken
    )
    {
        var script = ManifestScript.OfSource(work, lister);
        return work.Streams.RunAsync(
            async (lane, token) =>
            {
                var changes = new SourceChanges(source);
                using var output = new ParsingStream(
                    new ManifestParser((path, in record) => changes.AddEarlier(path, record, Nanoseconds.MaxValue))
                );
                var lastLines = new LastLines();
                using var stream = lane.Start(script, lastLines.Add);
                await using var registration = token.Register(stream.Kill);
                await work.Streams.Limiter.Throttle(stream.Output, token).CopyToAsync(output, token);
                token.ThrowIfCancellationRequested();
                var exitCode = await stream.WaitAsync(token);
                // 1: it could not look into something, which is then no longer as it was.
                return exitCode is 0 or 1 && output.IsWhole
                    ? changes
                    : throw VerifyFailure.Of(
                        $"{work.Streams.Source.Name} could not list {work.Volume.Id} again: find ended with {exitCode}",
                        lastLines.ToString()
                    );
            },
            cancellationToken
        );
    }

    /// <summary>Hands what is written to it to a parser.</summary>
    private sealed class ParsingStream(ManifestParser parser) : Stream
    {
        private bool isBroken;

        /// <summary>Whether a whole list was written.</summary>
        public bool IsWhole
        {
            get
            {
                try
                {
                    parser.Complete();
                    return !isBroken;
                }
                catch (InvalidDataException)
                {
                    return false;
                }
            }
        }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                if (!isBroken)
                    parser.Add(buffer);
            }
            catch (InvalidDataException)
            {
                // The command's exit code and error output tell more.
                isBroken = true;
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer.AsSpan(offset, count));
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush() { }
    }
}
