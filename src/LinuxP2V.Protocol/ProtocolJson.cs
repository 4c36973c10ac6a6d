using System.Text.Json;
using System.Text.Json.Serialization;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Protocol;

/// <summary>
/// All (de)serialisation of the protocol, source generated: the agent is compiled ahead of time and has no reflection.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(AgentRequest))]
[JsonSerializable(typeof(AgentEvent))]
[JsonSerializable(typeof(TargetLayout))]
[JsonSerializable(typeof(HelperSettings))]
[JsonSerializable(typeof(HelperAnnouncement))]
[JsonSerializable(typeof(ReconfigureOptions))]
public sealed partial class ProtocolJson : JsonSerializerContext;
