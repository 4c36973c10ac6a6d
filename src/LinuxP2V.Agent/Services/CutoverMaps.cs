namespace LinuxP2V.Agent.Services;

/// <summary>What a pass behind stopped services knows of files that programs had mapped into memory.</summary>
/// <param name="Any">Mapped before the services stopped, or now.</param>
/// <param name="Now">Mapped now: by programs that still run.</param>
internal sealed record CutoverMaps(MappedFiles Any, MappedFiles Now);
