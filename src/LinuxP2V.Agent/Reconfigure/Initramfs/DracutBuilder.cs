using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>dracut: Red Hat's family, SUSE, and others by choice.</summary>
internal sealed class DracutBuilder : IInitramfsTool
{
    private const string Configuration = "/etc/dracut.conf.d/90-linuxp2v.conf";

    public string Name => "dracut";

    public bool IsInstalled(CopyRoot files) => files.Program("dracut") is not null;

    public (string Program, IReadOnlyList<string> Arguments) Listing(string image) => ("lsinitrd", [image]);

    public string DefaultImage(InstalledKernel kernel, IReadOnlyList<InstalledKernel> others) =>
        others
            .Select(other => other.InitramfsPath?.Replace(other.Version, kernel.Version, StringComparison.Ordinal))
            .FirstOrDefault(path => path is not null)
        ?? $"/boot/initramfs-{kernel.Version}.img";

    public IReadOnlyList<PlannedChange> Configure(ReconfigureContext context, InstalledKernel kernel)
    {
        var drivers = Drivers(context, kernel);
        return drivers.Count == 0 || context.Files.Resolve("/etc/dracut.conf.d") is var folder && !context.Files.DirectoryExists(folder)
            ? []
            :
            [
                context.Edit(
                    Configuration,
                    $"# linuxp2v: drivers of the virtual machine\nadd_drivers+=\" {string.Join(' ', drivers)} \"\n",
                    $"adds {string.Join(", ", drivers)}",
                    "future images must hold the drivers of the VM's disks too"
                ),
            ];
    }

    public async Task BuildAsync(
        ReconfigureContext context,
        InstalledKernel kernel,
        string image,
        bool everything,
        CancellationToken cancellationToken
    )
    {
        var arguments = new List<string> { "-f", "--add-drivers", string.Join(' ', Drivers(context, kernel)) };
        if (context.Layout.RootVolume().Device.VolumeGroup is not null)
        {
            arguments.AddRange(["--add", "lvm"]);
        }

        if (everything)
        {
            arguments.Add("--no-hostonly");
        }

        // The image and version by position: dracut 004 of RHEL 6 knows no other form.
        (await context.Chroot.RunAsync("dracut", [.. arguments, image, kernel.Version], cancellationToken)).OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"The initramfs of kernel {kernel.Version} could not be built in the copy.",
            "See the tool's words: most often /boot is full or a package on the source is half installed. Mend it there, synchronize, and run the reconfiguration again."
        );
    }

    /// <summary>Disk drivers only: an adapter that is driven in the initramfs gets its name before the copy's rules are read.</summary>
    private static IReadOnlyList<string> Drivers(ReconfigureContext context, InstalledKernel kernel) =>
        [.. BootModules.Welcome.Concat(BootModules.Required(context.Layout, kernel)).Distinct().Where(kernel.Modules.Contains)];
}
