using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Events;

/// <summary>Where the work tells what it does. Stamps time and sequence; thread safe; never blocks on the engine.</summary>
internal interface IEventSink
{
    void Report(AgentEvent agentEvent);
}

internal static class EventSinkExtensions
{
    public static void Debug(this IEventSink sink, string message) => sink.Log(LogLevel.Debug, message);

    public static void Information(this IEventSink sink, string message) => sink.Log(LogLevel.Information, message);

    public static void Warning(this IEventSink sink, string message) => sink.Log(LogLevel.Warning, message);

    private static void Log(this IEventSink sink, LogLevel level, string message) =>
        sink.Report(new LogEvent { Level = level, Message = message });
}
