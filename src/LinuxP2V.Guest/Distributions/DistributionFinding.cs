using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.Distributions;

/// <summary>Tells an admin how far the conversion of a distribution is proven.</summary>
public static class DistributionFinding
{
    public const string Id = "DistributionProof";

    private const string TestIt = "Start the VM once, apart from the network, before the source is switched off.";

    /// <param name="id">ID of os-release.</param>
    /// <param name="version">VERSION_ID; null where the machine does not tell.</param>
    /// <param name="idLike">ID_LIKE, split.</param>
    /// <param name="name">PRETTY_NAME.</param>
    public static Finding Of(string id, string? version, IReadOnlyList<string> idLike, string name)
    {
        var (what, remedy) = KnownDistributions.Find(id, version) is { } known
            ? OfKnown(known, name)
            : (OfUnknown(KnownDistributions.FindFamily(id, idLike), name), TestIt);
        return new Finding(FindingSeverity.Information, Id, name, what, remedy);
    }

    private static (string What, string Remedy) OfKnown(Distribution known, string name) =>
        known.Proof switch
        {
            DistributionProof.Boot => (
                $"The conversion of {name} is proven by boot: machines with {known.Setup} were converted and started.",
                "Nothing to do."
            ),
            DistributionProof.Configuration => (
                $"The conversion of {name} is proven by configuration: what its installer sets up ({known.Setup}) is planned and "
                    + "carried out by the tests of LinuxP2V; no copy of it was started.",
                TestIt
            ),
            _ => ($"{name} cannot be converted as its installer sets it up ({known.Setup}).", known.Reason!),
        };

    private static string OfUnknown(string? family, string name) =>
        family is null
            ? $"{name} is not known, and neither is what it is like: the conversion rests on what its files say."
            : $"{name} is not known in this version: the conversion rests on the rules for its family, {family}.";
}
