using System.Globalization;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>An event as one line for people: the helper's log file and console.</summary>
internal static class EventText
{
    public static string Format(AgentEvent agentEvent)
    {
        var text = agentEvent switch
        {
            OperationStartedEvent e => $"started {e.RequestId}",
            OperationCompletedEvent e => $"completed {e.RequestId}",
            OperationFailedEvent e => $"failed {e.RequestId}: {e.Error.Id}: {e.Error.Cause} {e.Error.Remedy}{Behind(e.Error.Detail)}",
            VolumeCopiedEvent e => string.Create(
                CultureInfo.InvariantCulture,
                $"copied {e.VolumeId}: {e.Files} files, {e.Bytes} bytes in {e.Duration.TotalSeconds:0.0} s"
            ),
            CopyIncidentEvent e => $"incident {e.VolumeId}: {e.Kind} {e.Path}{Behind(e.Detail)}",
            DifferenceEvent e => $"difference {e.VolumeId}: {e.Kind} {e.Path}{(e.ChangedOnSource ? ", changed on the source" : "")}: "
                + $"{e.OnSource ?? "-"} / {e.InCopy ?? "-"}",
            ChangeEvent e => $"change {e.Concern}: {e.Subject}: {e.What} ({e.Why})",
            SourceServicesEvent e => $"stopped on the source{(e.IsOngoing ? " so far" : "")}: "
                + $"{(e.Stopped.Count > 0 ? string.Join(", ", e.Stopped) : "nothing")}",
            LogEvent e => $"{e.Level}: {e.Message}",
            _ => agentEvent.GetType().Name,
        };
        var line =
            $"{agentEvent.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} "
            + $"{agentEvent.Sequence} {text}";
        return line.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal);
    }

    private static string Behind(string? detail) => detail is null ? "" : $" [{detail}]";
}
