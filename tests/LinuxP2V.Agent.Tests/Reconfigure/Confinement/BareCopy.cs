using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Storage;

namespace LinuxP2V.Agent.Tests.Reconfigure.Confinement;

/// <summary>A copy, mounted as for its reconfiguration, that has this machine's programs and is else empty. Needs root.</summary>
internal sealed class BareCopy : IDisposable
{
    public BareCopy()
    {
        LoopDisks.Run("mount", "--bind", "-o", "nodev", Root, Root);
        foreach (var folder in new[] { "usr", "proc", "sys", "dev", "tmp", "etc" })
            Directory.CreateDirectory(Path.Combine(Root, folder));

        LoopDisks.Run("mount", "--bind", "-o", "ro", "/usr", Root + "/usr");
        foreach (var folder in new[] { "bin", "sbin", "lib", "lib64" })
            File.CreateSymbolicLink(Path.Combine(Root, folder), "usr/" + folder);

        LoopDisks.Run("mount", "-t", "sysfs", "-o", "ro", "sysfs", Root + "/sys");
        LoopDisks.Run("mount", "-t", "tmpfs", "-o", "mode=755", "devices", Root + "/dev");
        LoopDisks.Run("cp", "-a", "/dev/null", Root + "/dev/null");
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("p2v-bare-copy-").FullName;

    public void Dispose()
    {
        Mounts.UnmountTreeAsync(Root, CancellationToken.None).GetAwaiter().GetResult();
        Directory.Delete(Root, recursive: true);
    }
}
