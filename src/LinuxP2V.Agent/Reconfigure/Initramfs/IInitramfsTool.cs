using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>The copy's own builder of initramfs images.</summary>
internal interface IInitramfsTool
{
    string Name { get; }

    bool IsInstalled(CopyRoot files);

    /// <summary>The listing program and its arguments for one image.</summary>
    (string Program, IReadOnlyList<string> Arguments) Listing(string image);

    /// <summary>Settings that keep future images bootable too.</summary>
    IReadOnlyList<PlannedChange> Configure(ReconfigureContext context, InstalledKernel kernel);

    /// <summary>Where the image of a kernel that has none yet goes.</summary>
    string DefaultImage(InstalledKernel kernel, IReadOnlyList<InstalledKernel> others);

    /// <param name="everything">Second attempt: pack all drivers, not only those of this machine.</param>
    /// <exception cref="AgentException">ReconfigurationFailed, with the tool's last words.</exception>
    Task BuildAsync(ReconfigureContext context, InstalledKernel kernel, string image, bool everything, CancellationToken cancellationToken);
}
