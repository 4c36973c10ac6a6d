using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Mapping;

namespace LinuxP2V.Cmdlets.Pipeline;

internal static class SourceReader
{
    /// <summary>
    /// What the engine read of a P2VSource, of one that came from a file without the secrets; and the P2VSource with all its
    /// properties.
    /// </summary>
    /// <exception cref="LinuxP2V.Engine.P2VException">SourceUnreadable; ObjectEdited.</exception>
    public static (SourceReading Read, P2VSource Shown) Read(IEngine engine, P2VSource given)
    {
        if (given.Read is { } known)
            return (known, given);

        var source = engine.DeserializeSource(given.Definition);
        var shown = SourceMapper.ToObject(source, given.Definition, row: given.Row);
        ImportedObject.ThrowIfEdited(
            given.Imported,
            shown,
            "Read the machine again: Get-P2VSource. What the VM shall be is said to New-P2VTask."
        );
        return (new SourceReading(source, secrets: null), shown);
    }
}
