namespace LinuxP2V.Cmdlets.EngineAccess;

internal static class EngineFactory
{
#if ENGINE_READY
    public static IEngine Create() => new EngineAdapter();
#else
    public static IEngine Create() => throw new NotSupportedException(
        "This build of LinuxP2V.Cmdlets was made without the engine's classes (ENGINE_READY was not set).");
#endif
}
