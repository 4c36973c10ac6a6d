using System.Security.Cryptography;
using System.Text.Json;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Network;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>
/// Rebuilds the images that would not boot the VM and no others: under software emulation one takes minutes. What is
/// inside is looked up, before and after.
/// </summary>
internal sealed class InitramfsStep : IReconfigureStep
{
    private const string StateFile = $"{Originals.Folder}/initramfs.json";

    private static readonly IInitramfsTool[] Tools = [new InitramfsToolsBuilder(), new DracutBuilder()];

    public string Concern => "Initramfs";

    public bool Detect(ReconfigureContext context) => context.Kernels.Count > 0;

    public async Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var tool = Tools.FirstOrDefault(candidate => candidate.IsInstalled(context.Files));
        var running = context.Kernels.First(kernel => kernel.Version == context.Options.RunningKernel);
        BootModules.ThrowIfUnbootable(context.Layout, running);
        if (tool is null)
        {
            return WithoutTool(context, running);
        }

        var changes = new List<PlannedChange>(tool.Configure(context, running));
        var built = ReadState(context);
        var inputs = DigestOfInputs(context);
        foreach (var kernel in context.Kernels.OrderBy(kernel => kernel == running ? 0 : 1))
        {
            var isRunning = kernel == running;
            var image = kernel.InitramfsPath ?? tool.DefaultImage(kernel, context.Kernels);
            if (!isRunning && BootModules.Required(context.Layout, kernel).Any(module => !kernel.Modules.Contains(module)))
            {
                context.Warn($"Kernel {kernel.Version} has no driver for the VM's disks; it stays in the menu but does not boot.");
                continue;
            }

            var reason = await ReasonAsync(context, tool, kernel, image, built, inputs, cancellationToken);
            if (reason is null)
            {
                context.Note($"The initramfs of kernel {kernel.Version} stays: it holds all that the VM needs.");
                continue;
            }

            changes.Add(
                new PlannedChange(
                    image,
                    $"built anew for kernel {kernel.Version}",
                    reason,
                    async token =>
                    {
                        try
                        {
                            await BuildAsync(context, tool, kernel, image, token);
                            built.RemoveAll(entry => entry.Path == image);
                            built.Add(StateOf(context, image, inputs));
                            WriteState(context, built);
                        }
                        catch (AgentException exception) when (!isRunning)
                        {
                            context.Warn(
                                $"{exception.Error.Cause} {exception.Error.Detail} The kernel that ran on the source is not concerned."
                            );
                        }
                    }
                )
            );
            if (kernel.InitramfsPath is null)
            {
                context.MenuReasons.Add($"kernel {kernel.Version} had no initramfs");
            }
        }

        return changes;
    }

    private static async Task<string?> ReasonAsync(
        ReconfigureContext context,
        IInitramfsTool tool,
        InstalledKernel kernel,
        string image,
        List<BuiltImage> built,
        string inputs,
        CancellationToken cancellationToken
    )
    {
        if (!context.Files.FileExists(image))
        {
            return "there was none";
        }

        var content = await ListAsync(context, tool, image, cancellationToken);
        if (content is null)
        {
            return "the old one cannot be read";
        }

        var missing = Missing(context, kernel, content);
        if (missing.Count > 0)
        {
            return $"the old one lacks {string.Join(", ", missing)}";
        }

        var mustHold = new List<string>(context.InitramfsInputs);
        if (LinkFiles.MustBeInInitramfs(context, content.Modules))
        {
            mustHold.AddRange(LinkFiles.Written(context));
        }

        return mustHold.Count == 0 || built.Any(entry => entry == StateOf(context, image, inputs))
            ? null
            : $"it holds copies of {string.Join(", ", mustHold)}, which changed";
    }

    private static async Task BuildAsync(
        ReconfigureContext context,
        IInitramfsTool tool,
        InstalledKernel kernel,
        string image,
        CancellationToken cancellationToken
    )
    {
        var lacking = await TryBuildAsync(context, tool, kernel, image, cancellationToken);
        if (lacking is null)
        {
            return;
        }

        context.Note($"{tool.Name} left out {lacking} from the initramfs of kernel {kernel.Version}; it is built again with all drivers.");
        await tool.BuildAsync(context, kernel, image, everything: true, cancellationToken);
        var missing = await MissingAsync(context, tool, kernel, image, cancellationToken);
        if (missing.Count > 0)
        {
            throw new AgentException(
                ErrorIds.ReconfigurationFailed,
                $"The initramfs that {tool.Name} built for kernel {kernel.Version} lacks {string.Join(", ", missing)}: the VM would not find its root file system.",
                "See the agent's log for what the tool said; mend its configuration on the source, synchronize, and run the reconfiguration again."
            );
        }
    }

    /// <returns>Null when the image is good, else what it lacks.</returns>
    private static async Task<string?> TryBuildAsync(
        ReconfigureContext context,
        IInitramfsTool tool,
        InstalledKernel kernel,
        string image,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await tool.BuildAsync(context, kernel, image, everything: false, cancellationToken);
        }
        catch (AgentException)
        {
            // A build for this machine's hardware alone can fail where one for any machine works.
            return "everything";
        }

        var missing = await MissingAsync(context, tool, kernel, image, cancellationToken);
        return missing.Count == 0 ? null : string.Join(", ", missing);
    }

    private static async Task<List<string>> MissingAsync(
        ReconfigureContext context,
        IInitramfsTool tool,
        InstalledKernel kernel,
        string image,
        CancellationToken cancellationToken
    ) =>
        context.Files.FileExists(image) && await ListAsync(context, tool, image, cancellationToken) is { } content
            ? Missing(context, kernel, content)
            : ["everything"];

    /// <summary>Names of modules and programs in the image that the VM needs and that are not there.</summary>
    private static List<string> Missing(ReconfigureContext context, InstalledKernel kernel, ImageContent content)
    {
        var missing = BootModules.Required(context.Layout, kernel).Where(module => !content.Modules.Contains(module)).ToList();
        var isOnLvm = context.Devices.Root.Device.VolumeGroup is not null;
        if (isOnLvm && !content.HasProgram("lvm"))
        {
            missing.Add("lvm");
        }

        return missing;
    }

    private static async Task<ImageContent?> ListAsync(
        ReconfigureContext context,
        IInitramfsTool tool,
        string image,
        CancellationToken cancellationToken
    )
    {
        var (program, arguments) = tool.Listing(image);
        var result = await context.Chroot.RunAsync(program, arguments, cancellationToken);
        var content = ImageContent.Parse(result.Output);
        // lsinitramfs may succeed on garbage, and old lsinitrd may fail after a good list.
        return content.IsEmpty ? null : content;
    }

    private static List<PlannedChange> WithoutTool(ReconfigureContext context, InstalledKernel running)
    {
        if (BootModules.Required(context.Layout, running).Count > 0)
        {
            throw new AgentException(
                ErrorIds.ReconfigurationToolMissing,
                $"The copy has neither initramfs-tools nor dracut, and kernel {running.Version} needs {string.Join(", ", BootModules.Required(context.Layout, running))} to find its root.",
                "Install initramfs-tools or dracut on the source, synchronize, and run the reconfiguration again."
            );
        }

        context.Note($"Kernel {running.Version} has the VM's drivers built in and needs no initramfs.");
        return [];
    }

    private static string DigestOfInputs(ReconfigureContext context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in context.InitramfsInputs.Concat(LinkFiles.Written(context)))
        {
            hash.AppendData(CopyRoot.Bytes.GetBytes($"{path}\0{context.Files.TryReadText(path)}\0"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static BuiltImage StateOf(ReconfigureContext context, string image, string inputs)
    {
        var file = new FileInfo(context.Files.Host(image));
        return new BuiltImage(image, file.Length, file.LastWriteTimeUtc, inputs);
    }

    private static List<BuiltImage> ReadState(ReconfigureContext context) =>
        context.Files.TryReadText(StateFile) is { } text
            ? JsonSerializer.Deserialize(text, ReconfigureJson.Default.ListBuiltImage) ?? []
            : [];

    private static void WriteState(ReconfigureContext context, List<BuiltImage> state)
    {
        Directory.CreateDirectory(context.Files.Host(Originals.Folder));
        File.WriteAllText(context.Files.Host(StateFile), JsonSerializer.Serialize(state, ReconfigureJson.Default.ListBuiltImage));
    }
}
