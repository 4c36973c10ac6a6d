using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>
/// Has the copy's own shell read /etc/default/grub and its parts, as grub-mkconfig will, and judges what it made of them.
/// </summary>
internal sealed class GrubDefaultsApplier : ChangeApplier<GrubDefaultsRead>
{
    private const char End = '\0';

    /// <summary>Stands before the values: the files may print something themselves.</summary>
    private const string Mark = "linuxp2v-values";

    /// <summary>grub-mkconfig stops at a command that fails, too.</summary>
    private const string Script = "set -e; for file; do [ ! -e \"$file\" ] || . \"$file\"; done; printf '\\0" + Mark + "\\0'; ";

    protected override async Task<GuestChange?> ApplyAsync(
        GrubDefaultsRead change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        foreach (var path in change.Paths)
        {
            if (!await CheckSyntaxAsync(path, context, cancellationToken))
                return null;
        }

        var seen = await ReadAsync(change, context, cancellationToken);
        var made =
            seen is not null && ShellDefaults.LastWord(seen, context.Guest.Devices) is { } lastWord
                ? await OverruleAsync(change, context, lastWord, cancellationToken)
                : null;
        if (made is not null)
            seen = await ReadAsync(change, context, cancellationToken);

        foreach (var (name, value) in seen ?? new Dictionary<string, string>())
        {
            if (value.Length > 0)
                context.Note($"grub-mkconfig will see {name}=\"{value}\".");
        }

        foreach (var wrong in seen is null ? [] : ShellDefaults.Wrong(seen, context.Guest.Devices))
            context.Warn($"{change.Subject} still gives {wrong.Line} for the kernel's command line: {wrong.Why}.");

        return made;
    }

    /// <summary>A file that could be read before it was changed and cannot be read now is put back.</summary>
    /// <returns>False where no shell can read it.</returns>
    private static async Task<bool> CheckSyntaxAsync(string path, ReconfigureContext context, CancellationToken cancellationToken)
    {
        var now = await context.Chroot.RunAsync("sh", ["-n", path], cancellationToken);
        if (now.Succeeded)
            return true;

        var original = Originals.PathOf(context.Files.Tree.Resolve(path));
        var isOurs =
            context.Files.Tree.FileExists(original) && (await context.Chroot.RunAsync("sh", ["-n", original], cancellationToken)).Succeeded;
        if (!isOurs)
        {
            context.Warn($"No shell can read {path} of the copy, so the next update of GRUB's menu will fail. {now.LastLines}");
            return false;
        }

        await context.Originals.PutBackAsync(context.Files.Tree.Resolve(path), cancellationToken);
        var cause = $"{path} could not be changed so that a shell can still read it, and stays as it was. {now.LastLines}";
        if (!context.Guest.Options.Force)
        {
            throw new AgentException(
                ErrorIds.ReconfigurationFailed,
                cause,
                "Write the line simply on the source, with the command line in one pair of quotes; synchronize, and run the "
                    + "reconfiguration again."
            );
        }

        context.Warn(cause);
        return true;
    }

    /// <returns>Null where the shell gave up.</returns>
    private static async Task<IReadOnlyDictionary<string, string>?> ReadAsync(
        GrubDefaultsRead change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        var print = string.Concat(ShellDefaults.GrubVariables.Select(name => $"printf '%s\\0' \"${{{name}-}}\"; "));
        IEnumerable<string> paths = change.Paths.Contains(change.LastWord) ? change.Paths : change.Paths.Append(change.LastWord);
        var result = await context.Chroot.RunAsync("sh", ["-c", Script + print, "sh", .. paths], cancellationToken);
        var values = result.Output.Split($"{End}{Mark}{End}") is [_, var tail] ? tail.Split(End) : [];
        if (result.Succeeded && values.Length > ShellDefaults.GrubVariables.Count)
            return ShellDefaults.GrubVariables.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);

        context.Warn($"The copy's shell gave up on {change.Subject}, so the next update of GRUB's menu may fail. {result.LastLines}");
        return null;
    }

    private static async Task<GuestChange?> OverruleAsync(
        GrubDefaultsRead change,
        ReconfigureContext context,
        string lastWord,
        CancellationToken cancellationToken
    )
    {
        // What is no ASCII came through the shell's output changed.
        if (!lastWord.All(char.IsAscii))
            return null;

        var real = context.Files.Tree.Resolve(change.LastWord);
        await context.Originals.KeepAsync(real, cancellationToken);
        var before = context.Files.Tree.TryReadText(real) ?? "";
        var start = before.Length == 0 || before.EndsWith('\n') ? before : before + "\n";
        await File.WriteAllBytesAsync(context.Files.Host(real), CopyRoot.Bytes.GetBytes(start + lastWord), cancellationToken);
        return change with
        {
            Subject = change.LastWord,
            What = $"sets {string.Join(", ", lastWord.Split('\n').Where(line => line.Contains('=')))}",
            Why = "what a shell makes of the files names what the VM does not have",
        };
    }
}
