using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Services;
using LinuxP2V.Protocol.Layout;

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
                path.StartsWith('/')
                && !path.StartsWith("/dev/", StringComparison.Ordinal)
                && context.Files.Tree.FileExists(path)
                // FAT has no labels, and newer versions of setfiles end with an error over it.
                && context.Layout.VolumeAbove(context.Files.Tree.Resolve(path))?.FileSystem.Kind != FileSystemKind.Vfat
            )
            .Append(Originals.Folder)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        if (!await LabelAsync(change, files, context, cancellationToken))
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

    /// <summary>
    /// Without -m it passes over all mounts below the root: under the helper's kernel they do not say that they have labels.
    /// Versions before 2017 do not know it. To label all files anew at the first start would take a large machine an hour.
    /// </summary>
    private static async Task<bool> LabelAsync(
        SELinuxLabels change,
        IReadOnlyList<string> files,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        if (context.Files.Tree.Program("setfiles") is null)
            return false;

        if ((await context.Chroot.RunAsync("setfiles", ["-m", "-F", change.Contexts, .. files], cancellationToken)).Succeeded)
            return true;

        if (!(await context.Chroot.RunAsync("setfiles", ["-F", change.Contexts, .. files], cancellationToken)).Succeeded)
            return false;

        var folders = files
            .Select(path => context.Layout.VolumeAbove(context.Files.Tree.Resolve(path))?.MountPoint)
            .Where(mountPoint => mountPoint is not null and not "/")
            .Distinct()
            .ToList();
        if (folders.Count > 0)
            context.Warn(
                $"Files that were written to {string.Join(", ", folders)} have no label of the copy's policy, since its setfiles passes "
                    + $"over mounts below the root. The copy starts all the same. Run restorecon -R {string.Join(" ", folders)} in the VM."
            );

        return true;
    }
}
