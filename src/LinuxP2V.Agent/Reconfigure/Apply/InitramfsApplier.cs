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
        var reason = await ReasonAsync(change, context, builder, built, inputs, cancellationToken);
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
        IInitramfsBuilder builder,
        List<BuiltImage> built,
        string inputs,
        CancellationToken cancellationToken
    )
    {
        if (!context.Files.Tree.FileExists(change.Image))
            return "there was none";

        var content = await ReadAsync(change, context, builder, cancellationToken);
        if (content is null)
            return "the old one cannot be read";

        var missing = content.Missing(change);
        if (missing.Count > 0)
            return $"the old one lacks {string.Join(", ", missing)}";

        if (content.StaleCommandLine(context.Guest.Devices) is [var stale, ..])
            return $"its own command line names {stale.Line}: {stale.Why}";

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
        IInitramfsBuilder builder,
        CancellationToken cancellationToken
    )
    {
        var content = await builder.ListAsync(context, change.Image, cancellationToken);
        // What the copy has too went into the image from there, and a change of it has the image built anew: only what the
        // image alone has must be read, since unpacking takes its time.
        var unknown = content?.SettingFiles.Where(file => !context.Files.Tree.FileExists("/" + file)).ToList() ?? [];
        return unknown.Count == 0
            ? content
            : content!.WithTexts(await builder.ReadAsync(context, change.Image, unknown, cancellationToken));
    }

    private static async Task BuildAsync(
        InitramfsBuild change,
        ReconfigureContext context,
        IInitramfsBuilder builder,
        CancellationToken cancellationToken
    )
    {
        var lacking = await TryBuildAsync(change, context, builder, cancellationToken);
        if (lacking is null)
            return;

        var tool = InitramfsTool.NameOf(change.Tool);
        context.Note(
            $"{tool} left out {lacking} from the initramfs of kernel {change.Kernel.Version}; it is built again with all drivers."
        );
        await builder.BuildAsync(context, change, everything: true, cancellationToken);
        var missing = await MissingAsync(change, context, builder, cancellationToken);
        if (missing.Count > 0)
        {
            throw new AgentException(
                ErrorIds.ReconfigurationFailed,
                $"The initramfs that {tool} built for kernel {change.Kernel.Version} lacks {string.Join(", ", missing)}: "
                    + "the VM would not find its root file system.",
                "See the agent's log for what the tool said; mend its configuration on the source, synchronize, and run the "
                    + "reconfiguration again."
            );
        }
    }

    /// <returns>Null when the image is good, else what it lacks.</returns>
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
            return "everything";
        }

        var missing = await MissingAsync(change, context, builder, cancellationToken);
        return missing.Count == 0 ? null : string.Join(", ", missing);
    }

    /// <summary>What an image that was just built does not hold, or what it holds and the VM does not have.</summary>
    private static async Task<IReadOnlyList<string>> MissingAsync(
        InitramfsBuild change,
        ReconfigureContext context,
        IInitramfsBuilder builder,
        CancellationToken cancellationToken
    )
    {
        if (!context.Files.Tree.FileExists(change.Image) || await ReadAsync(change, context, builder, cancellationToken) is not { } content)
            return ["everything"];

        var stale = content.StaleCommandLine(context.Guest.Devices).Select(word => $"what {word.Line} in its own command line stands for");
        return [.. content.Missing(change), .. stale];
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
