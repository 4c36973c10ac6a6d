namespace LinuxP2V.Guest.Distributions;

/// <summary>What is known of one version of a distribution.</summary>
/// <param name="Ids">Its ID in os-release, and those of rebuilds that are set up in the same way.</param>
/// <param name="Version">VERSION_ID, or what stands before its first point; null for a distribution without versions.</param>
/// <param name="Name">As people write it, with the version.</param>
/// <param name="Setup">What its installer sets up by default, as far as it matters here.</param>
public sealed record Distribution(IReadOnlyList<string> Ids, string? Version, string Name, DistributionProof Proof, string Setup)
{
    /// <summary>Why a copy would not boot, and what helps; null where it is not refused.</summary>
    public string? Reason { get; init; }

    /// <param name="version">VERSION_ID; null where the machine does not tell.</param>
    public bool Is(string id, string? version) =>
        Ids.Contains(id) && (Version is null || version == Version || version?.StartsWith(Version + ".", StringComparison.Ordinal) == true);
}
