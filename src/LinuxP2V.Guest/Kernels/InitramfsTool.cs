using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Kernels;

public enum InitramfsToolKind
{
    /// <summary>Debian's and Ubuntu's.</summary>
    InitramfsTools,

    /// <summary>Red Hat's family, SUSE, and others by choice.</summary>
    Dracut,

    /// <summary>Arch's.</summary>
    Mkinitcpio,
}

/// <summary>What is known of the programs that build initramfs images.</summary>
public static class InitramfsTool
{
    /// <summary>Programs that LinuxP2V does not run, and what the admin can do instead.</summary>
    private static readonly (string Program, string Remedy)[] Others =
    [
        ("genkernel", "Install dracut on the source (sys-kernel/dracut) and build the initramfs with it."),
        ("mkinitfs", "Install dracut on the source, and build the initramfs with it."),
        ("booster", "Install mkinitcpio or dracut on the source, and build the initramfs with it."),
        ("make-initrd", "Install dracut on the source, and build the initramfs with it."),
        (
            "mkinitrd",
            "This release has no dracut, so it cannot be converted as it is: upgrade the source first (SUSE Linux Enterprise 12, Red Hat "
                + "Enterprise Linux 7, or newer)."
        ),
    ];

    /// <summary>Names of the packages whose programs LinuxP2V can run.</summary>
    public static readonly IReadOnlyList<string> SupportedNames =
    [
        NameOf(InitramfsToolKind.InitramfsTools),
        NameOf(InitramfsToolKind.Dracut),
        NameOf(InitramfsToolKind.Mkinitcpio),
    ];

    /// <returns>Null where the guest has none that LinuxP2V can run.</returns>
    public static InitramfsToolKind? Of(GuestTree files) =>
        Choose(name => files.Program(name) is not null, files.Files("/etc/mkinitcpio.d", "*.preset").Count > 0);

    /// <summary>The one in use, where several may be installed. dracut brings an update-initramfs of its own.</summary>
    /// <param name="hasProgram">Whether the guest has a program of that name.</param>
    /// <param name="hasPresets">Whether it has presets of mkinitcpio, which show that this one is in use even beside dracut.</param>
    /// <returns>Null where the guest has none that LinuxP2V can run.</returns>
    public static InitramfsToolKind? Choose(Func<string, bool> hasProgram, bool hasPresets)
    {
        if (hasProgram("mkinitramfs") && hasProgram("update-initramfs"))
            return InitramfsToolKind.InitramfsTools;

        if (hasProgram("mkinitcpio") && (hasPresets || !hasProgram("dracut")))
            return InitramfsToolKind.Mkinitcpio;

        return hasProgram("dracut") ? InitramfsToolKind.Dracut : null;
    }

    /// <summary>The name of its package.</summary>
    public static string NameOf(InitramfsToolKind kind) =>
        kind switch
        {
            InitramfsToolKind.Dracut => "dracut",
            InitramfsToolKind.Mkinitcpio => "mkinitcpio",
            _ => "initramfs-tools",
        };

    /// <summary>A program that the guest builds its images with and that LinuxP2V cannot run; null where it has none.</summary>
    internal static (string Program, string Remedy)? OtherOf(GuestTree files) =>
        Others.Where(other => files.Program(other.Program) is not null).Select(other => ((string, string)?)other).FirstOrDefault();

    /// <summary>The image of a kernel that has none yet.</summary>
    public static string DefaultImage(InitramfsToolKind kind, InstalledKernel kernel, IReadOnlyList<InstalledKernel> others)
    {
        const string ImageStart = "/boot/vmlinuz-";
        if (kernel.AbsentInitramfsPath is { } named)
            return named;

        if (kind == InitramfsToolKind.InitramfsTools)
            return InitramfsToolsImage(kernel.Version);

        if (kernel.Image.StartsWith(ImageStart, StringComparison.Ordinal) && !kernel.Image.Contains(kernel.Version))
            return $"/boot/initramfs-{kernel.Image[ImageStart.Length..]}.img";

        return others
                .Where(other => other.InitramfsPath?.Contains(other.Version) == true)
                .Select(other => other.InitramfsPath!.Replace(other.Version, kernel.Version))
                .FirstOrDefault()
            ?? $"/boot/initramfs-{kernel.Version}.img";
    }

    /// <summary>initramfs-tools knows no other place.</summary>
    public static string InitramfsToolsImage(string version) => $"/boot/initrd.img-{version}";
}
