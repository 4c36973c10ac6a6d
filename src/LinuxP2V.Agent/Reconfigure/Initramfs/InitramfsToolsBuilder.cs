using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>Debian's and Ubuntu's initramfs-tools.</summary>
internal sealed class InitramfsToolsBuilder : IInitramfsTool
{
    private const string ModulesFile = "/etc/initramfs-tools/modules";
    private const string Override = "/etc/initramfs-tools/conf.d/linuxp2v";
    private const string Begin = "# linuxp2v: drivers of the virtual machine";

    public string Name => "initramfs-tools";

    public bool IsInstalled(CopyRoot files) => files.Program("mkinitramfs") is not null && files.Program("update-initramfs") is not null;

    public (string Program, IReadOnlyList<string> Arguments) Listing(string image) => ("lsinitramfs", [image]);

    public string DefaultImage(InstalledKernel kernel, IReadOnlyList<InstalledKernel> others) => $"/boot/initrd.img-{kernel.Version}";

    public IReadOnlyList<PlannedChange> Configure(ReconfigureContext context, InstalledKernel kernel)
    {
        var text = context.Files.TryReadText(ModulesFile) ?? "";
        var listed = text.Split('\n').Select(line => line.Trim().Replace('-', '_')).ToHashSet(StringComparer.Ordinal);
        // What the machine needs and no more: each further module is loaded at every boot from this file.
        var wanted = BootModules
            .Required(context.Layout, kernel)
            .Where(module => kernel.Modules.Contains(module) && !listed.Contains(module))
            .ToList();
        return wanted.Count == 0
            ? []
            :
            [
                context.Edit(
                    ModulesFile,
                    $"{(text.Length == 0 || text.EndsWith('\n') ? text : text + "\n")}{Begin}\n{string.Join('\n', wanted)}\n",
                    $"lists {string.Join(", ", wanted)}",
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
        if (everything)
        {
            await context
                .Edit(Override, "# linuxp2v: the drivers of the source's hardware alone do not boot a VM\nMODULES=most\n", "", "")
                .ApplyAsync(cancellationToken);
        }

        var mode = context.Files.FileExists(image) ? "-u" : "-c";
        var result = await context.Chroot.RunAsync("update-initramfs", [mode, "-k", kernel.Version], cancellationToken);
        if (!result.Succeeded)
        {
            // Old versions refuse to update an image that they do not remember to have made.
            result = await context.Chroot.RunAsync("update-initramfs", ["-c", "-t", "-k", kernel.Version], cancellationToken);
        }

        result.OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"The initramfs of kernel {kernel.Version} could not be built in the copy.",
            "See the tool's words: most often /boot is full or a package on the source is half installed. Mend it there, synchronize, and run the reconfiguration again."
        );
    }
}
