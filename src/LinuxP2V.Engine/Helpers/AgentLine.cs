using System.Text.Json;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Helpers;

/// <summary>A message as a line of the connection.</summary>
internal static class AgentLine
{
    public static string Format(AgentRequest request) => JsonSerializer.Serialize(request, ProtocolJson.Default.AgentRequest);

    /// <exception cref="P2VException">HelperVersionMismatch.</exception>
    public static AgentEvent Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ProtocolJson.Default.AgentEvent) ?? throw new JsonException("empty");
        }
        catch (JsonException exception)
        {
            throw new P2VException(
                ErrorIds.HelperVersionMismatch,
                "The helper said something that this module does not understand.",
                "Use the helper image that belongs to this module: Get-P2VHelperImage shows it.",
                innerException: exception
            );
        }
    }
}
