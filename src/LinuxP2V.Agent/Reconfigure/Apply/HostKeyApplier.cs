using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Identity;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>A host key of the copy's own.</summary>
internal sealed class HostKeyApplier : ChangeApplier<HostKeyBuild>
{
    protected override async Task<GuestChange?> ApplyAsync(
        HostKeyBuild change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        // A repeated run makes another one; the program asks before it writes over a key.
        File.Delete(context.Files.HostEntry(change.Path));
        (await context.Chroot.RunAsync(change.Program, change.Arguments, cancellationToken)).OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"{change.Program} of the copy could not make the host key {change.Path}.",
            "See what the tool said. Without -Identity New the copy keeps the source's host keys."
        );
        return change;
    }
}
