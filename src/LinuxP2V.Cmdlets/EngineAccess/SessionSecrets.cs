using LinuxP2V.Engine.Sources;

namespace LinuxP2V.Cmdlets.EngineAccess;

/// <summary>
/// The secrets that a public object carries within its session. A type of its own, since public types must name none of
/// the engine's; no record, whose text would hold them.
/// </summary>
internal sealed class SessionSecrets(SourceSecrets secrets)
{
    public SourceSecrets Source { get; } = secrets;
}
