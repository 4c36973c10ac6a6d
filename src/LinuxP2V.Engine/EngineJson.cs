using System.Text.Json;
using System.Text.Json.Serialization;

namespace LinuxP2V.Engine;

/// <summary>How the engine writes what it keeps: tasks and conversions.</summary>
public static class EngineJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };
}
