using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Services;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>Files that the reconfiguration wrote get the label that the copy's own policy has for them.</summary>
internal sealed class SELinuxApplier : ChangeApplier<SELinuxLabels>
{
    protected override async Task<GuestChange?> ApplyAsync(
        SELinuxLabels change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        var files = context
            .Originals.Touched.Concat(context.Changes.Select(made => made.Subject))
            .Where(path =>
                path.StartsWith('/') && !path.StartsWith("/dev/", StringComparison.Ordinal) && context.Files.Tree.FileExists(path)
            )
            .Append(Originals.Folder)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        var hasTool = context.Files.Tree.Program("setfiles") is not null;
        if (!hasTool || !(await context.Chroot.RunAsync("setfiles", ["-F", change.Contexts, .. files], cancellationToken)).Succeeded)
        {
            await context.Originals.KeepAsync("/.autorelabel", cancellationToken);
            await File.WriteAllTextAsync(context.Files.HostEntry("/.autorelabel"), "-F\n", cancellationToken);
            context.Note("The copy labels all its files at its first start, and restarts once.");
        }

        return change with
        {
            Subject = $"{files.Count} files",
        };
    }
}
