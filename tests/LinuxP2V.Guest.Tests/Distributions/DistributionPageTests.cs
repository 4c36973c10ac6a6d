using System.Runtime.CompilerServices;
using LinuxP2V.Guest.Distributions;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest.Tests.Distributions;

/// <summary>What an admin is told of distributions, on the page and by the finding.</summary>
public sealed class DistributionPageTests
{
    [Fact]
    public void The_page_lists_what_the_table_holds()
    {
        var rows = KnownDistributions.All.Select(known =>
            $"| {known.Name} | {string.Join(", ", known.Ids)} | {known.Setup} | {Words(known.Proof)} |"
        );
        var page = File.ReadAllLines(Path.Combine(Folder(), "../../../docs/distributions.md"));
        Assert.Equal(
            rows,
            page.Where(line => KnownDistributions.All.Any(known => line.Contains($"| {known.Ids[0]}", StringComparison.Ordinal)))
        );
    }

    [Theory]
    [InlineData("debian", "12", "proven by boot")]
    [InlineData("sles", "12.5", "proven by configuration")]
    [InlineData("debian", "1", "rests on the rules for its family, debian")]
    [InlineData("arch", null, "proven by configuration")]
    [InlineData("rocky", "9.3", "proven by configuration")]
    [InlineData("centos", "6.10", "cannot be converted as its installer sets it up")]
    [InlineData("ubuntu", "24.10", "rests on the rules for its family, ubuntu")]
    [InlineData("linuxmint", "22", "rests on the rules for its family, ubuntu")]
    [InlineData("sle-micro", "6", "rests on the rules for its family, suse")]
    [InlineData("nixos", "25.05", "what its files say")]
    public void The_finding_tells_how_a_version_is_proven(string id, string? version, string words)
    {
        string[] idLike = id switch
        {
            "linuxmint" => ["ubuntu", "debian"],
            "sle-micro" => ["suse"],
            _ => [],
        };
        var finding = DistributionFinding.Of(id, version, idLike, "The system");
        Assert.Equal((FindingSeverity.Information, "DistributionProof"), (finding.Severity, finding.Id));
        Assert.Contains(words, finding.What, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Remedy);
    }

    [Fact]
    public void What_is_refused_has_a_reason() =>
        Assert.All(KnownDistributions.All, known => Assert.Equal(known.Proof == DistributionProof.Refused, known.Reason is not null));

    private static string Words(DistributionProof proof) =>
        proof switch
        {
            DistributionProof.Boot => "boot",
            DistributionProof.Configuration => "configuration",
            _ => "refused",
        };

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
