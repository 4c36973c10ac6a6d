namespace LinuxP2V.Cmdlets.EngineAccess;

/// <summary>The module's enums have the engine's member names: only the types differ, since public ones must not be the engine's.</summary>
internal static class EnumMapper
{
    public static T Map<T>(Enum value)
        where T : struct, Enum =>
        Enum.TryParse<T>(value.ToString(), out var mapped)
            ? mapped
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{typeof(T).Name} has no such member.");

    public static T? MapOrNull<T>(Enum? value)
        where T : struct, Enum => value is null ? null : Map<T>(value);
}
