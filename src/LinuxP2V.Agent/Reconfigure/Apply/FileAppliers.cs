using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>Owner, mode and label of a file stay, as it is written where it is.</summary>
internal sealed class FileTextApplier : ChangeApplier<FileText>
{
    private const UnixFileMode PrivateExecutable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode Executable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;

    protected override async Task<GuestChange?> ApplyAsync(FileText change, ReconfigureContext context, CancellationToken cancellationToken)
    {
        var real = context.Files.Tree.Resolve(change.Path);
        await context.Originals.KeepAsync(real, cancellationToken);
        var place = context.Files.Host(real);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        if (change.IsPrivate && !File.Exists(place))
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            await using var made = new FileStream(place, options);
        }

        await File.WriteAllBytesAsync(place, CopyRoot.Bytes.GetBytes(change.Text), cancellationToken);
        if (change.IsExecutable)
            File.SetUnixFileMode(place, change.IsPrivate ? PrivateExecutable : Executable);

        return change;
    }
}

internal sealed class FileRemovalApplier : ChangeApplier<FileRemoval>
{
    protected override async Task<GuestChange?> ApplyAsync(
        FileRemoval change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        if (change.IsSecret)
            await context.Originals.LiftAsync(change.Path, cancellationToken);
        else
            await context.Originals.KeepAsync(change.Path, cancellationToken);

        File.Delete(context.Files.HostEntry(change.Path));
        return change;
    }
}

internal sealed class LinkApplier : ChangeApplier<LinkTo>
{
    protected override async Task<GuestChange?> ApplyAsync(LinkTo change, ReconfigureContext context, CancellationToken cancellationToken)
    {
        await context.Originals.KeepAsync(change.Path, cancellationToken);
        var place = context.Files.HostEntry(change.Path);
        // Of a folder that is not there, nothing can be deleted either.
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.Delete(place);
        File.CreateSymbolicLink(place, change.Target);
        return change;
    }
}

internal sealed class FileCopyApplier : ChangeApplier<FileCopy>
{
    protected override async Task<GuestChange?> ApplyAsync(FileCopy change, ReconfigureContext context, CancellationToken cancellationToken)
    {
        await context.Originals.KeepAsync(change.To, cancellationToken);
        var place = context.Files.HostEntry(change.To);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.Copy(context.Files.Host(change.From), place, overwrite: true);
        return change;
    }
}
