using System.Text.Json;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Startup;

internal static class StartupJson
{
    /// <returns>Null for what is no settings: a port carries noise, and an older engine other fields.</returns>
    public static HelperSettings? ReadSettings(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
            return null;

        try
        {
            return JsonSerializer.Deserialize(json.Trim('\0', ' ', '\r', '\n'), ProtocolJson.Default.HelperSettings);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string Write(HelperAnnouncement announcement) =>
        JsonSerializer.Serialize(announcement, ProtocolJson.Default.HelperAnnouncement);
}
