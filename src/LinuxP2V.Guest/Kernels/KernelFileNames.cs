using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Kernels;

/// <summary>How distributions name a kernel and its initramfs in /boot.</summary>
internal static class KernelFileNames
{
    /// <summary>genkernel puts its own name and the architecture between the kind and the version, Slackware a flavour.</summary>
    private const string Words = @"(?:-[A-Za-z]\w*)*-";

    private static readonly string[] Images = ["vmlinuz-{0}", "vmlinux-{0}", "kernel-{0}", "bzImage-{0}"];
    private static readonly string[] Initramfs = ["initrd.img-{0}", "initramfs-{0}.img", "initrd-{0}", "initrd-{0}.img"];

    /// <summary>Images that start something else than the system: crash dumps, rescue systems, Arch's second choice.</summary>
    private static readonly string[] OtherPurposes = ["kdump", "rescue", "fallback"];

    /// <param name="suffix">A version, or the name of a package whose images have no version.</param>
    public static string? Image(IReadOnlyCollection<string> names, string suffix) =>
        Exact(names, Images, suffix) ?? Matching(names, $@"^(?:vmlinu[xz]|kernel|bzImage|linux){Words}{Regex.Escape(suffix)}(?:\.efi)?$");

    /// <inheritdoc cref="Image"/>
    public static string? InitramfsOf(IReadOnlyCollection<string> names, string suffix) =>
        Exact(names, Initramfs, suffix)
        ?? Matching(names, $@"^(?:initramfs|initrd(?:\.img)?){Words}{Regex.Escape(suffix)}(?:\.img)?(?:\.gz|\.xz)?$");

    private static string? Exact(IReadOnlyCollection<string> names, string[] patterns, string suffix) =>
        patterns.Select(pattern => pattern.Replace("{0}", suffix)).FirstOrDefault(name => names.Contains(name));

    private static string? Matching(IEnumerable<string> names, string pattern) =>
        names.FirstOrDefault(name =>
            Regex.IsMatch(name, pattern, RegexOptions.CultureInvariant) && !OtherPurposes.Any(purpose => name.Contains(purpose))
        );
}
