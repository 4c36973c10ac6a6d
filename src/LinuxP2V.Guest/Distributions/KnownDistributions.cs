namespace LinuxP2V.Guest.Distributions;

/// <summary>
/// The distributions that are known, and how. The page docs/distributions.md shows the same; a test holds them equal. Each has
/// a tree of its configuration in tests/shared/Distributions.
/// </summary>
public static class KnownDistributions
{
    private const string GrubLegacy =
        "GRUB 1 cannot be set up in the copy, and this release has no GRUB 2: move its services to a newer release.";

    /// <summary>A word of ID_LIKE that is no distribution of its own.</summary>
    private const string Suse = "suse";

    private static readonly string[] RedHat = ["rhel", "centos", "rocky", "almalinux", "ol"];
    private static readonly string[] Sles = ["sles", "sles_sap", "sled"];

    public static readonly IReadOnlyList<Distribution> All =
    [
        new(["debian"], "11", "Debian 11", DistributionProof.Configuration, "ext4, initramfs-tools, ifupdown"),
        new(["debian"], "12", "Debian 12", DistributionProof.Boot, "ext4 on LVM, btrfs or md, BIOS and UEFI, initramfs-tools and dracut"),
        new(["debian"], "13", "Debian 13", DistributionProof.Configuration, "ext4, initramfs-tools, ifupdown"),
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
        new(["amzn"], "2", "Amazon Linux 2", DistributionProof.Configuration, "XFS, GRUB 2, dracut, ifcfg files"),
        new(["amzn"], "2023", "Amazon Linux 2023", DistributionProof.Configuration, "XFS, BLS, dracut, systemd-networkd"),
        new(["fedora"], "43", "Fedora 43", DistributionProof.Configuration, "btrfs with subvolumes, BLS, dracut, NetworkManager profiles"),
        new(Sles, "11", "SUSE Linux Enterprise 11", DistributionProof.Refused, "ext3 on LVM, GRUB 1, mkinitrd") { Reason = GrubLegacy },
        new(Sles, "12", "SUSE Linux Enterprise 12", DistributionProof.Configuration, "btrfs with snapshots, GRUB 2, dracut, wicked"),
        new(Sles, "15", "SUSE Linux Enterprise 15", DistributionProof.Configuration, "btrfs with snapshots, GRUB 2, dracut, wicked"),
        new(
            Sles,
            "16",
            "SUSE Linux Enterprise 16",
            DistributionProof.Configuration,
            "btrfs with snapshots, GRUB 2, dracut, NetworkManager"
        ),
        new(["opensuse-leap"], "15", "openSUSE Leap 15", DistributionProof.Configuration, "btrfs with snapshots, GRUB 2, dracut, wicked"),
        new(
            ["opensuse-leap"],
            "16",
            "openSUSE Leap 16",
            DistributionProof.Configuration,
            "btrfs with snapshots, GRUB 2, dracut, NetworkManager"
        ),
        new(
            ["opensuse-tumbleweed"],
            null,
            "openSUSE Tumbleweed",
            DistributionProof.Configuration,
            "btrfs with snapshots, GRUB 2 with BLS, dracut, NetworkManager"
        ),
        new(["arch"], null, "Arch Linux", DistributionProof.Configuration, "ext4, GRUB 2 or systemd-boot, mkinitcpio, systemd-networkd"),
        new(["gentoo"], null, "Gentoo", DistributionProof.Configuration, "ext4, GRUB 2, dracut, OpenRC with conf.d/net"),
        new(["alpine"], null, "Alpine Linux", DistributionProof.Refused, "ext4, extlinux, mkinitfs, ifupdown")
        {
            Reason =
                "extlinux cannot be set up in the copy, and mkinitfs cannot be run there: install GRUB 2 and dracut on the source, and "
                + "remove extlinux and mkinitfs.",
        },
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
