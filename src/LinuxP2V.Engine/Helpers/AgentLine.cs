using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Engine.Helpers;

/// <summary>A message as a line of the connection.</summary>
internal static class AgentLine
{
    private static readonly JsonTypeInfo<AgentEvent> EventType =
        (JsonTypeInfo<AgentEvent>)
            new JsonSerializerOptions(ProtocolJson.Default.Options)
            {
                Converters = { new PlainTextConverter() },
                TypeInfoResolver = ProtocolJson.Default,
            }.GetTypeInfo(typeof(AgentEvent));

    public static string Format(AgentRequest request) => JsonSerializer.Serialize(request, ProtocolJson.Default.AgentRequest);

    /// <exception cref="P2VException">HelperVersionMismatch.</exception>
    public static AgentEvent Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, EventType) ?? throw new JsonException("empty");
        }
        // NotSupported: an object whose kind the line does not name.
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new P2VException(
                ErrorIds.HelperVersionMismatch,
                "The helper said something that this module does not understand.",
                "Use the helper image that belongs to this module: Get-P2VHelperImage shows it.",
                innerException: exception
            );
        }
    }

    /// <summary>Paths and messages of the source may hold anything; they are shown and kept as text.</summary>
    private sealed class PlainTextConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String
                ? PlainText.Lines(reader.GetString()!)
                : throw new JsonException($"A text was expected, not {reader.TokenType}.");

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
