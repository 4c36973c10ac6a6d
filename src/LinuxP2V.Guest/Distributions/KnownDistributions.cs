namespace LinuxP2V.Guest.Distributions;

/// <summary>
/// The distributions that are known, and how. The page docs/distributions.md shows the same; a test holds them equal. Each has
/// a tree of its configuration in tests/shared/Distributions.
/// </summary>
public static class KnownDistributions
{
    private const string GrubLegacy =
        "GRUB 1 cannot be set up in the copy: install GRUB 2 on the source, or install its services on a newer release.";

    /// <summary>A word of ID_LIKE that is no distribution of its own.</summary>
    private const string Suse = "suse";

    private static readonly string[] RedHat = ["rhel", "centos", "rocky", "almalinux", "ol"];

    public static readonly IReadOnlyList<Distribution> All =
    [
        new(["ubuntu"], "18.04", "Ubuntu 18.04", DistributionProof.Configuration, "ext4, initramfs-tools, netplan"),
        new(["ubuntu"], "20.04", "Ubuntu 20.04", DistributionProof.Configuration, "ext4 on LVM, initramfs-tools, netplan"),
        new(["ubuntu"], "22.04", "Ubuntu 22.04", DistributionProof.Configuration, "ext4 on LVM, initramfs-tools, netplan"),
        new(["ubuntu"], "24.04", "Ubuntu 24.04", DistributionProof.Configuration, "ext4 on LVM, initramfs-tools, netplan"),
        new(["ubuntu"], "26.04", "Ubuntu 26.04", DistributionProof.Configuration, "ext4 on LVM, dracut, netplan"),
        new([.. RedHat, "scientific"], "6", "Red Hat Enterprise Linux 6", DistributionProof.Refused, "ext4 on LVM, GRUB 1, dracut")
        {
            Reason = GrubLegacy,
        },
        new(RedHat, "7", "Red Hat Enterprise Linux 7", DistributionProof.Configuration, "XFS on LVM, GRUB 2, dracut, ifcfg files"),
        new(
            RedHat,
            "8",
            "Red Hat Enterprise Linux 8",
            DistributionProof.Configuration,
            "XFS on LVM, BLS with kernelopts, dracut, ifcfg files"
        ),
        new(RedHat, "9", "Red Hat Enterprise Linux 9", DistributionProof.Configuration, "XFS on LVM, BLS, dracut, NetworkManager profiles"),
        new(
            RedHat,
            "10",
            "Red Hat Enterprise Linux 10",
            DistributionProof.Configuration,
            "XFS on LVM, BLS, dracut, NetworkManager profiles"
        ),
    ];

    /// <param name="id">ID of os-release.</param>
    /// <param name="version">VERSION_ID; null where the machine does not tell.</param>
    /// <returns>Null for one that is not known.</returns>
    public static Distribution? Find(string id, string? version) => All.FirstOrDefault(known => known.Is(id, version));

    /// <summary>The nearest relative that is known: the same ID in another version, else the first of ID_LIKE.</summary>
    /// <returns>The ID; null where there is none.</returns>
    public static string? FindFamily(string id, IReadOnlyList<string> idLike) =>
        idLike.Prepend(id).FirstOrDefault(name => name == Suse || All.Any(known => known.Ids.Contains(name)));
}
