using System.Text.RegularExpressions;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Network;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>Has a program of the copy read a file that was changed. Nothing changes by it, so nothing is reported but trouble.</summary>
internal sealed partial class ConfigurationCheckApplier : ChangeApplier<ConfigurationCheck>
{
    protected override async Task<GuestChange?> ApplyAsync(
        ConfigurationCheck change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        var input = change.Input is { } path ? CopyRoot.Bytes.GetString(File.ReadAllBytes(context.Files.Host(path))) : null;
        var result = await context.Chroot.RunAsync(change.Program, change.Arguments, cancellationToken, input, change.HoldsSecrets);
        var lost = change.MustPrint.Where(text => !result.Output.Contains(text, StringComparison.OrdinalIgnoreCase)).ToList();
        if (change.CannotCheck is { } words && result.Error.Contains(words, StringComparison.Ordinal))
            context.Note($"{change.Program} of the copy is too old to read {change.Subject} by itself.");
        else if (!result.Succeeded)
            Warn(change, context, Shown(change, result));
        else if (lost.Count > 0)
            Warn(change, context, $"It passes over {string.Join(", ", lost)}.");
        else
            context.Note($"{change.Program} read {change.Subject} without complaint.");

        return null;
    }

    private static void Warn(ConfigurationCheck change, ReconfigureContext context, string what) =>
        context.Warn(
            $"{change.Program} does not take {change.Subject} in the copy; the VM's network may not come up. {what} "
                + "The file's original is kept in /var/lib/linuxp2v/originals."
        );

    private static string Shown(ConfigurationCheck change, ToolResult result) =>
        !change.HoldsSecrets ? result.LastLines
        : Place.Match(result.Error) is { Success: true } place ? $"It stops at {place.Value}."
        : $"It ended with {result.ExitCode}.";

    /// <summary>A file, a line and a column, as netplan prints them.</summary>
    [GeneratedRegex(@"/etc/[^\s:]+:\d+(?::\d+)?")]
    private static partial Regex Place { get; }
}
