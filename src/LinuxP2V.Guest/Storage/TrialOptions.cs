namespace LinuxP2V.Guest.Storage;

/// <summary>The options of an fstab line as far as any kernel can be asked whether a file system takes them.</summary>
public static class TrialOptions
{
    /// <summary>Names that some kernels know and others refuse, and options that a security module of the guest explains.</summary>
    private static readonly HashSet<string> OfSomeKernels = new(StringComparer.Ordinal)
    {
        "barrier",
        "nobarrier",
        "delaylog",
        "nodelaylog",
        "ihashsize",
        "osyncisosync",
        "osyncisdsync",
        "irixsgid",
        "attr2",
        "noattr2",
        "ikeep",
        "noikeep",
        "bh",
        "nobh",
        "orlov",
        "oldalloc",
        "check",
        "acl",
        "noacl",
        "user_xattr",
        "nouser_xattr",
        "context",
        "fscontext",
        "defcontext",
        "rootcontext",
        "seclabel",
        "usrquota",
        "grpquota",
        "prjquota",
        "usrjquota",
        "grpjquota",
        "jqfmt",
        "quota",
        "rw",
        "ro",
    };

    /// <returns>Options for a mount that changes nothing: ro comes first.</returns>
    public static string Of(FstabEntry entry) =>
        string.Join(
            ",",
            entry.Options.Where(option => !OfSomeKernels.Contains(option.Split('=')[0])).Where(option => option.Length > 0).Prepend("ro")
        );
}
