using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Network;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>Has a program of the copy read a file that was changed. Nothing changes by it, so nothing is reported but trouble.</summary>
internal sealed class ConfigurationCheckApplier : ChangeApplier<ConfigurationCheck>
{
    protected override async Task<GuestChange?> ApplyAsync(
        ConfigurationCheck change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        var result = await context.Chroot.RunAsync(change.Program, change.Arguments, cancellationToken);
        if (result.Succeeded)
            context.Note($"{change.Program} read {change.Subject} without complaint.");
        else
            context.Warn(
                $"{change.Program} does not take {change.Subject} in the copy; the VM's network may not come up. {result.LastLines} "
                    + "The file's original is kept in /var/lib/linuxp2v/originals."
            );

        return null;
    }
}
