using System.Security.Cryptography;
using System.Text.Json;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Initramfs;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Network;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>
/// Rebuilds the images that would not boot the VM and no others: under software emulation one takes minutes. What is
/// inside is looked up, before and after.
/// </summary>
internal sealed class InitramfsApplier : ChangeApplier<InitramfsBuild>
{
    private const string StateFile = $"{Originals.Folder}/initramfs.json";

    protected override async Task<GuestChange?> ApplyAsync(
        InitramfsBuild change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        var builder = InitramfsBuilders.Of(change.Tool);
        var inputs = DigestOfInputs(context, change);
        var built = ReadState(context);
        var reason = await ReasonAsync(change, context, built, inputs, cancellationToken);
        if (reason is null)
        {
            context.Note($"The initramfs of kernel {change.Kernel.Version} stays: it holds all that the VM needs.");
            return null;
        }

        try
        {
            await BuildAsync(change, context, builder, cancellationToken);
        }
        catch (AgentException exception) when (!change.IsBootKernel)
        {
            context.Warn($"{exception.Error.Cause} {exception.Error.Detail} The kernel that the copy starts is not concerned.");
            return null;
        }

        built.RemoveAll(entry => entry.Path == change.Image);
        built.Add(StateOf(context, change.Image, inputs));
        WriteState(context, built);
        return change with { What = $"built anew for kernel {change.Kernel.Version}", Why = reason };
    }

    private static async Task<string?> ReasonAsync(
        InitramfsBuild change,
        ReconfigureContext context,
        List<BuiltImage> built,
        string inputs,
        CancellationToken cancellationToken
    )
    {
        if (!context.Files.Tree.FileExists(change.Image))
            return "there was none";

        var content = await ReadAsync(change, context, cancellationToken);
        if (content is null)
            return "the old one cannot be read";

        var missing = content.Missing(change.Modules, change.Programs);
        if (missing.Count > 0)
            return $"the old one lacks {string.Join(", ", missing)}";

        if (content.Stale(context.Guest) is [var stale, ..])
            return $"it holds {stale}";

        var mustHold = new List<string>(change.Inputs);
        if (LinkFiles.MustBeInInitramfs(context.Files.Tree, content.Modules))
            mustHold.AddRange(LinkFiles.Written(context.Files.Tree));

        return mustHold.Count == 0 || built.Any(entry => entry == StateOf(context, change.Image, inputs))
            ? null
            : $"it holds copies of {string.Join(", ", mustHold)}, which changed";
    }

    private static async Task<ImageContent?> ReadAsync(
        InitramfsBuild change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    ) => await new ImageReader(context).ReadAsync([change.Image], cancellationToken) is { IsEmpty: false } content ? content : null;

    private static async Task BuildAsync(
        InitramfsBuild change,
        ReconfigureContext context,
        IInitramfsBuilder builder,
        CancellationToken cancellationToken
    )
    {
        var problem = await TryBuildAsync(change, context, builder, cancellationToken);
        if (problem is null)
            return;

        var tool = InitramfsTool.NameOf(change.Tool);
        context.Note($"The initramfs that {tool} built for kernel {change.Kernel.Version} {problem}; it is built again with all drivers.");
        await builder.BuildAsync(context, change, everything: true, cancellationToken);
        var problems = await ProblemsAsync(change, context, cancellationToken);
        if (problems.Count > 0)
        {
            throw new AgentException(
                ErrorIds.ReconfigurationFailed,
                $"The initramfs that {tool} built for kernel {change.Kernel.Version} {string.Join(", and ", problems)}: "
                    + "the VM would not find its root file system.",
                "See the agent's log for what the tool said; mend its configuration on the source, synchronize, and run the "
                    + "reconfiguration again."
            );
        }
    }

    /// <returns>Null when the image is good, else what is wrong with it, in words that follow "it".</returns>
    private static async Task<string?> TryBuildAsync(
        InitramfsBuild change,
        ReconfigureContext context,
        IInitramfsBuilder builder,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await builder.BuildAsync(context, change, everything: false, cancellationToken);
        }
        catch (AgentException)
        {
            // A build for this machine's hardware alone can fail where one for any machine works.
            return "is not whole";
        }

        var problems = await ProblemsAsync(change, context, cancellationToken);
        return problems.Count == 0 ? null : string.Join(", and ", problems);
    }

    /// <summary>What keeps the VM from starting with an image that was just built, in words that follow "it".</summary>
    private static async Task<IReadOnlyList<string>> ProblemsAsync(
        InitramfsBuild change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        if (await ReadAsync(change, context, cancellationToken) is not { } content)
            return ["cannot be read"];

        var missing = content.Missing(change.Modules, change.Programs);
        return
        [
            .. missing.Count > 0 ? [$"lacks {string.Join(", ", missing)}"] : Array.Empty<string>(),
            .. content.Stale(context.Guest).Where(setting => setting.Stops).Select(setting => $"holds {setting}"),
        ];
    }

    private static string DigestOfInputs(ReconfigureContext context, InitramfsBuild change)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in change.Inputs.Concat(LinkFiles.Written(context.Files.Tree)))
            hash.AppendData(CopyRoot.Bytes.GetBytes($"{path}\0{context.Files.Tree.TryReadText(path)}\0"));

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static BuiltImage StateOf(ReconfigureContext context, string image, string inputs)
    {
        var file = new FileInfo(context.Files.Host(image));
        return new BuiltImage(image, file.Length, file.LastWriteTimeUtc, inputs);
    }

    private static List<BuiltImage> ReadState(ReconfigureContext context) =>
        context.Files.Tree.TryReadText(StateFile) is { } text
            ? JsonSerializer.Deserialize(text, ReconfigureJson.Default.ListBuiltImage) ?? []
            : [];

    private static void WriteState(ReconfigureContext context, List<BuiltImage> state)
    {
        Directory.CreateDirectory(context.Files.Host(Originals.Folder));
        File.WriteAllText(context.Files.Host(StateFile), JsonSerializer.Serialize(state, ReconfigureJson.Default.ListBuiltImage));
    }
}
