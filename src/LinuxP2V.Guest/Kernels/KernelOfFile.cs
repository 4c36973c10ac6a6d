using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Kernels;

/// <summary>Which of the kernels a file is that a boot loader starts.</summary>
internal static class KernelOfFile
{
    /// <param name="path">In the guest.</param>
    /// <returns>Null where it cannot be told.</returns>
    public static InstalledKernel? Find(GuestTree files, IReadOnlyList<InstalledKernel> kernels, string path)
    {
        var real = files.Resolve(path);
        var length = files.Length(path);
        return kernels.FirstOrDefault(kernel => files.Resolve(kernel.Image) == real)
            // MACHINE-ID/VERSION/linux on the EFI system partition, or a name with the version in it.
            ?? kernels.Where(kernel => real.Contains(kernel.Version)).OrderByDescending(kernel => kernel.Version.Length).FirstOrDefault()
            // Another copy of the kernel that lies beside its modules.
            ?? kernels.FirstOrDefault(kernel => length > 1 && files.Length($"/lib/modules/{kernel.Version}/vmlinuz") == length);
    }
}
