using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Loading;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>The helper image that a conversion takes unless its start names another one.</summary>
internal static class ModuleImage
{
    /// <returns>Null where the module has none, or not its own: a start tells that, unless it names one.</returns>
    public static string? TryLocate(IEngine engine)
    {
        try
        {
            return engine.LocateHelperImage(null, ModuleLayout.ModuleFolder);
        }
        catch (P2VException e) when (e.ErrorId is ErrorIds.HelperImageMissing or ErrorIds.HelperImageAltered)
        {
            return null;
        }
    }
}
