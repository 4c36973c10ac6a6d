using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;

namespace LinuxP2V.Guest.Initramfs;

public enum InitramfsToolKind
{
    /// <summary>Debian's and Ubuntu's.</summary>
    InitramfsTools,

    /// <summary>Red Hat's family, SUSE, and others by choice.</summary>
    Dracut,
}

/// <summary>What is known of the programs that build initramfs images.</summary>
public static class InitramfsTool
{
    /// <returns>Null where the guest has none that LinuxP2V can run.</returns>
    public static InitramfsToolKind? Of(GuestTree files) =>
        HasInitramfsTools(files) ? InitramfsToolKind.InitramfsTools
        : files.Program("dracut") is not null ? InitramfsToolKind.Dracut
        : null;

    /// <summary>The name of its package.</summary>
    public static string NameOf(InitramfsToolKind kind) => kind == InitramfsToolKind.Dracut ? "dracut" : "initramfs-tools";

    /// <summary>The image of a kernel that has none yet.</summary>
    public static string DefaultImage(InitramfsToolKind kind, InstalledKernel kernel, IReadOnlyList<InstalledKernel> others) =>
        kind == InitramfsToolKind.InitramfsTools
            ? $"/boot/initrd.img-{kernel.Version}"
            : others.Select(other => other.InitramfsPath?.Replace(other.Version, kernel.Version)).FirstOrDefault(path => path is not null)
                ?? $"/boot/initramfs-{kernel.Version}.img";

    private static bool HasInitramfsTools(GuestTree files) =>
        files.Program("mkinitramfs") is not null && files.Program("update-initramfs") is not null;
}
