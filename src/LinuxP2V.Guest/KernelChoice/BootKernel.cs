using LinuxP2V.Guest.Kernels;

namespace LinuxP2V.Guest.KernelChoice;

/// <summary>Which of its kernels a copy starts.</summary>
public static class BootKernel
{
    /// <summary>Kernels that are no one's choice for every day.</summary>
    private static readonly string[] SpecialNames = ["debug", "kdump", "rescue", "xen"];

    /// <summary>
    /// The running kernel where it is there and can drive the VM, else the newest that can; where none can, the running
    /// one, or the newest of all.
    /// </summary>
    /// <param name="running">Its version.</param>
    /// <param name="serves">Whether a kernel can drive the VM.</param>
    /// <returns>Null where there is no kernel.</returns>
    public static T? Choose<T>(IEnumerable<T> kernels, Func<T, string> versionOf, string running, Func<T, bool> serves)
        where T : class
    {
        var newestFirst = kernels.OrderByDescending(versionOf, VersionOrder.Instance).ToList();
        var current = newestFirst.FirstOrDefault(kernel => versionOf(kernel) == running);
        return current is not null && serves(current)
            ? current
            : newestFirst.FirstOrDefault(kernel => !SpecialNames.Any(versionOf(kernel).Contains) && serves(kernel))
                ?? current
                ?? newestFirst.FirstOrDefault();
    }
}
