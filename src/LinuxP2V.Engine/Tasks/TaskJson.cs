using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tasks;

/// <summary>A task as a file: <c>{ "version": 1, "task": { … } }</c>. It holds no secret.</summary>
public static class TaskJson
{
    /// <summary>Raised when a field changes in a way that an older engine would misread.</summary>
    private const int Version = 1;

    /// <summary>The task as JSON, indented.</summary>
    public static string Serialize(ConversionTask task) =>
        JsonSerializer.Serialize(new TaskDocument { Version = Version, Task = task }, EngineJson.Options);

    /// <exception cref="P2VException">TaskUnreadable: no task, a damaged one, or one of a newer version.</exception>
    public static ConversionTask Deserialize(string json)
    {
        var document = EngineJson.Read<TaskDocument>(
            json,
            exception => Unreadable($"The task cannot be read: {exception.Message}", exception)
        );
        if (document is null || document.Version < 1)
            throw Unreadable("The text is not a LinuxP2V task: it has no version.");

        if (document.Version > Version)
            throw Unreadable($"The task has version {document.Version}; this LinuxP2V reads up to version {Version}.");

        // An explicit null gets past "required", and would fail much later and far from its cause.
        if (!IsComplete(document.Task))
            throw Unreadable("The task is incomplete: source, facts, destination, settings and plan are needed.");

        return document.Task;
    }

    private static bool IsComplete([NotNullWhen(true)] ConversionTask? task) =>
        task is { Source: not null, Facts: not null, Destination: not null, Settings: not null }
        && task.Plan is { Machine: not null, Layout: not null };

    private static P2VException Unreadable(string cause, Exception? inner = null) =>
        new(
            ErrorIds.TaskUnreadable,
            cause,
            "Make the task anew with New-P2VTask, or use the LinuxP2V version that wrote it.",
            innerException: inner
        );

    private sealed record TaskDocument
    {
        public int Version { get; init; }

        public ConversionTask? Task { get; init; }
    }
}
