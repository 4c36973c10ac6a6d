using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Cmdlets;

/// <summary>
/// What the engine read of a <see cref="P2VSource"/>, with the secrets that it used. A type of its own, since public types
/// must name none of the engine's; no record, whose text would hold the secrets.
/// </summary>
/// <param name="secrets">Null for a source from a file.</param>
internal sealed class SourceReading(DiscoveredSource source, SourceSecrets? secrets)
{
    public SourceEndpoint Endpoint { get; } = source.Endpoint;

    public SourceFacts Facts { get; } = source.Facts;

    public SourceSecrets? Secrets { get; } = secrets;
}
