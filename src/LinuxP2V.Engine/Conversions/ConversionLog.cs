using System.Globalization;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Engine.Conversions;

/// <summary>A conversion's log file: a line for each step, incident, change and failure. Appended to by every driver in turn.</summary>
internal sealed class ConversionLog : IEngineConsole, IDisposable
{
    private readonly TextWriter writer;
    private readonly IEngineConsole console;
    private bool isBroken;

    public ConversionLog(Stream file, IEngineConsole console)
    {
        writer = TextWriter.Synchronized(new StreamWriter(file) { AutoFlush = true });
        this.console = console;
    }

    public void Verbose(string message)
    {
        Write("step", message);
        console.Verbose(message);
    }

    public void Warning(string message)
    {
        Write("warning", message);
        console.Warning(message);
    }

    public void Failure(ErrorDescription error) =>
        Write("failure", $"{error.Id}: {error.Cause} {(error.Detail is null ? "" : $"[{error.Detail}] ")}Remedy: {error.Remedy}");

    public void Event(AgentEvent agentEvent)
    {
        switch (agentEvent)
        {
            case LogEvent { Level: LogLevel.Warning } log:
                Warning($"helper: {log.Message}");
                break;
            case LogEvent { Level: LogLevel.Information } log:
                Verbose($"helper: {log.Message}");
                break;
            case LogEvent log:
                Write("debug", $"helper: {log.Message}");
                break;
            case CopyIncidentEvent incident:
                Write(
                    "incident",
                    $"{incident.Kind} {PlainText.Line(incident.Path)} "
                        + $"({incident.VolumeId}){(incident.Detail is null ? "" : $": {incident.Detail}")}"
                );
                break;
            case ChangeEvent change:
                Verbose($"{change.Concern}: {change.Subject}: {change.What} ({change.Why})");
                break;
            case VolumeCopiedEvent copied:
                Verbose(
                    FormattableString.Invariant(
                        $"{copied.VolumeId}: {copied.Bytes} bytes in {copied.Files} files copied in {copied.Duration.TotalSeconds:F0} s"
                    )
                );
                break;
            case VolumeResumedEvent resumed:
                Verbose(
                    FormattableString.Invariant(
                        $"{resumed.VolumeId}: goes on; {resumed.BytesKept} bytes in {resumed.FilesKept} files are there already"
                    )
                );
                break;
            case VolumeSyncedEvent { Counts: var counts } synced:
                Verbose(
                    FormattableString.Invariant($"{synced.VolumeId}: {counts.Created} new, {counts.Changed} changed, ")
                        + FormattableString.Invariant($"{counts.MetadataOnly} with other metadata, {counts.Renamed} renamed, ")
                        + FormattableString.Invariant($"{counts.Deleted} deleted; {counts.Bytes} bytes ")
                        + FormattableString.Invariant($"in {synced.Duration.TotalSeconds:F0} s, ")
                        + FormattableString.Invariant($"{synced.ScanDuration.TotalSeconds:F0} s of it listing")
                );
                break;
            case VolumeVerifiedEvent { Counts: var counts } verified:
                Verbose(
                    FormattableString.Invariant($"{verified.VolumeId}: {counts.Entries} entries compared, ")
                        + FormattableString.Invariant($"{counts.Files} files with their {counts.Bytes} bytes; ")
                        + FormattableString.Invariant($"{counts.Wrong} wrong, {counts.ChangedOnSource} changed on the source, ")
                        + FormattableString.Invariant($"in {verified.Duration.TotalSeconds:F0} s")
                );
                break;
            case DifferenceEvent difference:
                Write(
                    "difference",
                    $"{difference.Kind} {difference.Path} ({difference.VolumeId})"
                        + $"{(difference.ChangedOnSource ? ", changed on the source" : "")}: "
                        + $"{difference.OnSource ?? "-"} / {difference.InCopy ?? "-"}"
                );
                break;
            case OperationStartedEvent started:
                Write("agent", $"{started.RequestId} started");
                break;
            case OperationCompletedEvent completed:
                Write("agent", $"{completed.RequestId} completed");
                break;
            case OperationFailedEvent failed:
                Write("agent", $"{failed.RequestId} failed: {failed.Error.Id}");
                break;
        }
    }

    public void Dispose() => writer.Dispose();

    /// <summary>A log that cannot be written, as on a full disk, is no reason to end a conversion.</summary>
    private void Write(string kind, string message)
    {
        try
        {
            var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            writer.WriteLine($"{now} {kind} {PlainText.Line(message)}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!isBroken)
            {
                isBroken = true;
                console.Warning($"The conversion's log misses lines, since it cannot be written: {exception.Message}");
            }
        }
    }
}
