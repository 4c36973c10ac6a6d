using System.Text.Json;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>Reads answers of the REST interface, whatever they are: what is not of the kind that is asked for counts as absent.</summary>
internal static class RestJson
{
    /// <returns>Empty for what is no text, or none that can be.</returns>
    public static string TextOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() ?? "" : "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    /// <returns>The texts of a list, without empty ones.</returns>
    public static IReadOnlyList<string> TextsOf(JsonElement element) => [.. ItemsOf(element).Select(TextOf).Where(text => text.Length > 0)];

    /// <returns>None where it is no list.</returns>
    public static IEnumerable<JsonElement> ItemsOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <returns>An undefined element where there is none of the name.</returns>
    public static JsonElement Field(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static string Text(JsonElement element, string name) => TextOf(Field(element, name));
}
