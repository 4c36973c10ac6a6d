using System.Text.Json;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Sources;

/// <summary>A source as text: <c>{ "version": 1, "endpoint": { … }, "facts": { … } }</c>. It holds no secret.</summary>
public static class SourceJson
{
    /// <summary>Raised when a field changes in a way that an older engine would misread.</summary>
    private const int Version = 1;

    /// <summary>What was read of a source, and how it is reached, as JSON.</summary>
    public static string Serialize(DiscoveredSource source) =>
        JsonSerializer.Serialize(
            new SourceDocument
            {
                Version = Version,
                Endpoint = source.Endpoint,
                Facts = source.Facts,
            },
            EngineJson.Options
        );

    /// <returns>The source without secrets.</returns>
    /// <exception cref="P2VException">SourceUnreadable: no source, a damaged one, or one of a newer version.</exception>
    public static DiscoveredSource Deserialize(string json)
    {
        var document = EngineJson.Read<SourceDocument>(
            json,
            exception => Unreadable($"The source cannot be read: {exception.Message}", exception)
        );
        return document is { Version: >= 1 and <= Version, Endpoint: { } endpoint, Facts: { } facts }
            ? new DiscoveredSource(endpoint, facts, new SourceSecrets())
            : throw Unreadable($"The text is no source that this LinuxP2V can read: its version is {document?.Version ?? 0}.");
    }

    private static P2VException Unreadable(string cause, Exception? inner = null) =>
        new(
            ErrorIds.SourceUnreadable,
            cause,
            "Read the machine again with Get-P2VSource, or use the LinuxP2V version that wrote this.",
            innerException: inner
        );

    private sealed record SourceDocument
    {
        public int Version { get; init; }

        public SourceEndpoint? Endpoint { get; init; }

        public SourceFacts? Facts { get; init; }
    }
}
