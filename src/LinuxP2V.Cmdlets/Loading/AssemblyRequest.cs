using System.Reflection;

namespace LinuxP2V.Cmdlets.Loading;

/// <summary>Whether a file of ours may answer a request for an assembly that the runtime did not find.</summary>
/// <param name="Asked">What is asked for.</param>
/// <param name="RequesterPath">The file of the assembly that asks; null or empty where the runtime does not tell.</param>
internal sealed record AssemblyRequest(AssemblyName Asked, string? RequesterPath)
{
    /// <summary>Requests of other modules are not ours to answer: they would get our version of their dependency.</summary>
    /// <param name="folders">Those whose assemblies are ours.</param>
    public bool IsOurs(params string[] folders)
    {
        if (string.IsNullOrEmpty(RequesterPath))
            return ModuleLayout.IsEngineAssembly(Asked.Name);
        var comparison = Path.DirectorySeparatorChar == '\\' ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var folder = Path.GetDirectoryName(RequesterPath);
        return folders.Any(own => string.Equals(folder, own, comparison));
    }

    /// <summary>
    /// Same name, culture and signer, and at least the version asked for; of the engine, which is built with us, that
    /// very version.
    /// </summary>
    public bool IsMetBy(AssemblyName candidate) =>
        string.Equals(candidate.Name, Asked.Name, StringComparison.OrdinalIgnoreCase)
        && string.Equals(candidate.CultureName ?? "", Asked.CultureName ?? "", StringComparison.OrdinalIgnoreCase)
        && IsSignerMet(candidate)
        && IsVersionMet(candidate);

    /// <summary>
    /// A request that names no signer takes any: .NET makes the same of one that leaves it open and one for an
    /// unsigned assembly.
    /// </summary>
    private bool IsSignerMet(AssemblyName candidate) =>
        Asked.GetPublicKeyToken() is not { Length: > 0 } asked || asked.SequenceEqual(candidate.GetPublicKeyToken() ?? []);

    private bool IsVersionMet(AssemblyName candidate)
    {
        if (Asked.Version is not { } asked)
            return true;
        return ModuleLayout.IsEngineAssembly(Asked.Name) ? candidate.Version == asked : candidate.Version >= asked;
    }
}
