using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Mapping;

namespace LinuxP2V.Cmdlets.Pipeline;

internal static class SourceReader
{
    /// <summary>What the engine read of a P2VSource; of one that came from a file without the secrets.</summary>
    /// <exception cref="LinuxP2V.Engine.P2VException">SourceUnreadable; ObjectEdited.</exception>
    public static SourceReading Read(IEngine engine, P2VSource given)
    {
        if (given.Read is { } known)
            return known;

        var source = engine.DeserializeSource(given.Definition);
        ImportedObject.ThrowIfEdited(
            given.Imported,
            SourceMapper.ToObject(source, given.Definition),
            "Read the machine again: Get-P2VSource. What the VM shall be is said to New-P2VTask."
        );
        return new SourceReading(source, secrets: null);
    }
}
