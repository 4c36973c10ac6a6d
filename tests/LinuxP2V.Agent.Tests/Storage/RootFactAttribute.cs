namespace LinuxP2V.Agent.Tests.Storage;

/// <summary>A test that makes disks: skipped, and shown as skipped, where that cannot be done.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    private static readonly bool IsGuest = Environment.GetEnvironmentVariable("LINUXP2V_TEST_GUEST") is not null;
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <param name="needs">
    /// "dm" where the kernel's device mapper is needed, "vfat" for its FAT, "quota" for its quotas, "guest" for a machine whose
    /// clock and network are the test's own, or names of programs.
    /// </param>
    public RootFactAttribute(params string[] needs)
    {
        Skip =
            Environment.UserName != "root" ? "needs root"
            : !File.Exists("/dev/loop-control") ? "needs loop devices"
            // The guest is made to have all of it: what it lacks is to fail there.
            : IsGuest ? null
            : needs.Select(Missing).FirstOrDefault(reason => reason is not null);
    }

    private static string? Missing(string need) =>
        need switch
        {
            "guest" => "runs in a guest alone",
            "vfat" => File.ReadAllText("/proc/filesystems").Contains("\tvfat\n", StringComparison.Ordinal)
                ? null
                : "needs a kernel with FAT",
            "quota" => HasQuota() ? null : "needs a kernel with quotas",
            "dm" => Directory.Exists("/sys/class/misc/device-mapper") ? null : "needs a kernel with device-mapper",
            _ => Folders.Any(folder => File.Exists(Path.Combine(folder, need))) ? null : $"needs {need}",
        };

    /// <summary>The kernel's own list of what it has does not tell: by mounting a file system that needs them.</summary>
    private static bool HasQuota()
    {
        const string Trial = """
            work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"; mkdir mnt; truncate -s 8M image
            mkfs.ext4 -q -F -I 256 -O quota,project image >/dev/null 2>&1 && mount -o loop image mnt 2>/dev/null && umount mnt && echo yes
            """;
        return Shell.Run($"{{ {Trial}\n}} || :").Contains("yes", StringComparison.Ordinal);
    }
}
