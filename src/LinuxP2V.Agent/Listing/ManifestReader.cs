using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Listing;

/// <param name="Duration">Of the listing.</param>
internal sealed record ManifestReading(Manifest Manifest, ManifestHeader Header, TimeSpan Duration)
{
    /// <summary>What lies inside the volume and is not in the list, each a sentence.</summary>
    public IReadOnlyList<string> NotListed { get; init; } = [];

    /// <summary>False: the list may lack files that are there, as its command failed for a reason that we do not know.</summary>
    public bool IsWhole { get; init; } = true;
}

/// <summary>Lists the files of a volume on the source, or of a folder here, into a manifest.</summary>
internal static class ManifestReader
{
    private const int BufferBytes = 1 << 18;

    /// <summary>
    /// Lists a volume as its view shows it. Folders that cannot be read and files that vanish meanwhile are reported as
    /// incidents.
    /// </summary>
    /// <param name="storePath">Gets the manifest, gzipped, once it is complete; null: it is not stored. Its folder is there.</param>
    /// <exception cref="AgentException">
    /// SourceConnectionLost, VolumeNotFound: nothing is mounted there, CopyFailed: the source cannot list its files.
    /// </exception>
    public static async Task<ManifestReading> ReadAsync(VolumeWork work, string? storePath, CancellationToken cancellationToken)
    {
        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        if (tools.FindFailure is { } failure)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"find on {work.Streams.Source.Name} fails: its files cannot be listed.",
                "Run find / -prune on the source to see why, mend it, and resume the conversion.",
                PrintedName.ForPeople(System.Text.Encoding.UTF8.GetBytes(failure))
            );
        }

        if (tools.Lister == ListingTool.None)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"{work.Streams.Source.Name} has neither a find with -printf nor a stat with -c: its files cannot be listed.",
                "Install GNU findutils on the source."
            );
        }

        if (tools.Lister == ListingTool.Stat)
        {
            work.Sink.Warning(
                $"{work.Volume.Id}: the source has no GNU find: listing its files takes "
                    + "several times as long, and parts of a second in file times are not seen."
            );
        }

        var ahead = ReadAhead.Choose(tools, work.Streams, work.View);
        if (storePath is not null && work.View.Moment is null && !ManifestScript.Flushes(work))
        {
            work.Sink.Warning(
                $"{work.Volume.Id}: with low impact the source's file systems are not flushed before they are listed: what "
                    + "programs write through memory maps may not be seen."
            );
        }

        var script = ManifestScript.OfSource(work, tools.Lister, ahead);
        var listing = work.Streams.RunAsync((lane, token) => ListAsync(work, lane, script, storePath, token), cancellationToken);
        var asking = OtherMounts.DescribeAsync(work, cancellationToken);
        await Task.WhenAll(listing, asking);
        var reading = await listing;
        reading = reading with
        {
            NotListed = [.. new[] { await asking, OtherSubvolumes.Describe(work, reading.Manifest) }.OfType<string>()],
        };
        foreach (var left in storePath is null ? [] : reading.NotListed)
        {
            work.Sink.Warning(
                $"Not copied: {left} To have them copied, read the source again with Get-P2VSource, and make a task that does not "
                    + "leave them out."
            );
        }

        return reading;
    }

    private static async Task<ManifestReading> ListAsync(
        VolumeWork work,
        ISourceLane lane,
        string script,
        string? storePath,
        CancellationToken cancellationToken
    )
    {
        var clock = Stopwatch.StartNew();
        var incidents = new IncidentReporter(work.Volume.Id, work.Volume.MountPoint!, work.Sink);
        var unknown = new List<string>();
        using var writer = storePath is null ? null : new StoredManifest.Writer(storePath);
        using var stream = lane.Start(script, line => OnErrorLine(line, incidents, unknown));
        await using var registration = cancellationToken.Register(stream.Kill);
        var output = work.Streams.Limiter.Throttle(stream.Output, cancellationToken);
        try
        {
            var (manifest, header, problem) = await Task.Factory.StartNew(
                () => Parse(work.Volume, output, writer, incidents),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );
            cancellationToken.ThrowIfCancellationRequested();
            if (problem is not null)
                throw await NoListAsync(work, stream, problem, unknown);

            var exitCode = await stream.WaitAsync(cancellationToken);
            incidents.Close();
            Judge(work, exitCode, header, incidents.Count, unknown);
            writer?.Complete();
            return new ManifestReading(manifest, header!, clock.Elapsed) { IsWhole = exitCode == 0 || unknown.Count == 0 };
        }
        catch (IOException exception)
        {
            throw new AgentException(
                ErrorIds.TargetDiskFull,
                $"The list of files of {work.Volume.Id} could not be written to the copy's root volume.",
                "Make the root volume larger (-VolumeSize), and start a new conversion.",
                exception.Message
            );
        }
    }

    /// <summary>What is no list stays none: that its command is ended here must not pass for an outage to wait for.</summary>
    private static async Task<AgentException> NoListAsync(VolumeWork work, ISourceStream stream, string problem, List<string> unknown)
    {
        stream.Kill();
        try
        {
            await stream.WaitAsync(CancellationToken.None);
        }
        catch (AgentException)
        {
            // It has ended, so its last lines have arrived.
        }

        return CannotList(work, "its answer is no list of files", [.. unknown, problem]);
    }

    private static AgentException CannotList(VolumeWork work, string cause, List<string> errorLines) =>
        new(
            ErrorIds.CopyFailed,
            $"{work.Streams.Source.Name} could not list the files of {work.Volume.Id}: {cause}.",
            "See what the source says below, put it right, and resume the conversion.",
            string.Join(" / ", errorLines.TakeLast(4))
        );

    /// <returns>No header when the stream was cut or was no list: why, its command tells, or the problem.</returns>
    private static (Manifest Manifest, ManifestHeader? Header, string? Problem) Parse(
        TargetVolume volume,
        Stream from,
        StoredManifest.Writer? writer,
        IncidentReporter incidents
    )
    {
        var manifest = new Manifest();
        var parser = new ManifestParser(
            (ReadOnlySpan<byte> path, in ManifestRecord record) =>
            {
                if (!AgentFiles.IsOwn(path, volume))
                    manifest.Add(path, record);
                else if (path.IndexOf((byte)'/') < 0)
                    incidents.Report(
                        new CopyIncident(
                            CopyIncidentKind.NotCarried,
                            "/" + PrintedName.ForPeople(path),
                            "LinuxP2V uses this name for its own files"
                        )
                    );
            }
        );
        var buffer = new byte[BufferBytes];
        try
        {
            while (ReadSome(from, buffer) is var count and > 0)
            {
                parser.Add(buffer.AsSpan(0, count));
                writer?.Add(buffer.AsSpan(0, count));
            }

            // A connection that breaks ends the stream anywhere: its command's own end tells whether this is all.
            if (!parser.IsAtEnd || manifest.Count == 0)
                return (manifest, null, null);

            return (manifest, parser.Header, null);
        }
        catch (InvalidDataException exception)
        {
            return (manifest, null, exception.Message);
        }
    }

    private static int ReadSome(Stream from, byte[] buffer)
    {
        try
        {
            return from.Read(buffer);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private static void Judge(VolumeWork work, int exitCode, ManifestHeader? header, int incidents, List<string> unknown)
    {
        var name = work.Streams.Source.Name;
        if (exitCode == ISourceView.NotMounted)
            throw UnmountedVolume.Of(work, "resume the conversion, or make a new task without it");

        // find ends with 1 when it could not look into something, which it names.
        if (header is null || (exitCode != 0 && (incidents == 0 || exitCode > 1)))
            throw CannotList(work, exitCode is 0 or 1 && header is null ? "its list has no end" : $"find ended with {exitCode}", unknown);

        foreach (var line in unknown.Take(20))
            work.Sink.Warning($"{work.Volume.Id}: the source says: {line}");
    }

    private static void OnErrorLine(string line, IncidentReporter incidents, List<string> unknown)
    {
        if (FindMessages.Incident(line) is { } incident)
            incidents.Report(incident);
        else if (unknown.Count < 1000 && line.Length > 0)
            unknown.Add(line);
    }
}
