using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace LinuxP2V.Engine;

/// <summary>How the engine writes what it keeps: tasks and conversions.</summary>
public static class EngineJson
{
    /// <summary>For tasks, conversions and facts: indented, names in camel case, enums as text, no nulls.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter() },
        };

    private static readonly JsonSerializerOptions Description = new()
    {
        WriteIndented = true,
        // For people to read, never for a page: names stay as they are.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutForeignObjects } },
    };

    /// <summary>
    /// Any object with all its public properties, for people; those of no type are left out, since they hold objects
    /// of others.
    /// </summary>
    public static string Describe(object value) => JsonSerializer.Serialize(value, value.GetType(), Description);

    private static bool IsForeign(Type type) =>
        type == typeof(object) || type.Namespace?.StartsWith("System.Management.Automation", StringComparison.Ordinal) == true;

    /// <summary>Reads what <see cref="Options"/> wrote.</summary>
    /// <param name="unreadable">Makes the error of a text that is no JSON, or another.</param>
    internal static T? Read<T>(string json, Func<Exception, P2VException> unreadable)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options);
        }
        // ArgumentException: of text with half of a surrogate pair in it.
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException)
        {
            throw unreadable(exception);
        }
    }

    private static void LeaveOutForeignObjects(JsonTypeInfo type)
    {
        for (var index = type.Properties.Count - 1; index >= 0; index--)
        {
            if (IsForeign(type.Properties[index].PropertyType))
                type.Properties.RemoveAt(index);
        }
    }
}
