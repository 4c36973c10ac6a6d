using System.Collections;
using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>What the agent does to the copy's own files before and after the streams: folders, links, what is in the way.</summary>
internal sealed class CopyTree(TargetVolume volume, string targetPath, Manifest manifest, Action<CopyIncident> report)
{
    /// <summary>For nobody but root until the last tar gives each folder its own.</summary>
    private const uint PrivateMode = 0x1c0;

    private const int ReadersAhead = 8;

    /// <summary>What so many take in memory, some 150 MB, a helper has.</summary>
    private const int MostAhead = 100_000;

    private readonly TargetPaths paths = new(targetPath, manifest);
    private readonly BitArray isReady = new(manifest.Count);
    private readonly List<int> kept = [];
    private readonly List<int> made = [];

    public TargetPaths Paths => paths;

    /// <summary>Folders that btrfs gives the flag NoCow, and all that is made in them.</summary>
    public IReadOnlySet<int> NoCow { get; init; } = new HashSet<int>();

    /// <summary>Folders that were made though nobody asked for them: something must give them their metadata.</summary>
    public IReadOnlyList<int> Unasked => made;

    /// <summary>
    /// Makes the folders among the entries and those above any of them; takes away what is of another type. A folder that
    /// is there stays, with what is in it.
    /// </summary>
    /// <param name="mayBeInTheWay">The copy may hold a folder where a file is to come.</param>
    public async Task PrepareAsync(IReadOnlyList<int> entries, bool mayBeInTheWay, CancellationToken cancellationToken)
    {
        using var inTheWay = new MemoryStream();
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (manifest.TypeOf(entry) == EntryType.Directory)
            {
                MakeReady(entry, isAsked: true);
            }
            else
            {
                if (manifest.ParentOf(entry) is var parent and >= 0)
                    MakeReady(parent, isAsked: false);

                if (mayBeInTheWay && NativeFiles.Read(paths[entry], out var status) == 0 && status.Type == EntryType.Directory)
                    Add(inTheWay, entry);
            }
        }

        await RemoveTreesAsync(inTheWay, cancellationToken);
    }

    /// <summary>
    /// Brings what the copy has of the entries into memory, several at once: <see cref="RememberFolders"/> and
    /// <see cref="PrepareAsync"/> ask for one after another, each with a wait for the disk.
    /// </summary>
    public void ReadAhead(IReadOnlyList<int> entries, CancellationToken cancellationToken) =>
        Parallel.For(
            0,
            Math.Min(entries.Count, MostAhead),
            new ParallelOptions { MaxDegreeOfParallelism = ReadersAhead, CancellationToken = cancellationToken },
            i => NativeFiles.IsThere(paths[entries[i]])
        );

    /// <summary>The times of the folders that the entries are in, for <see cref="RestoreTimes"/>.</summary>
    public IReadOnlyList<(int Folder, FileStatus Status)> RememberFolders(IReadOnlyList<int> entries)
    {
        var folders = new Dictionary<int, FileStatus>();
        foreach (var entry in entries)
        {
            if (
                manifest.ParentOf(entry) is var folder and >= 0
                && !folders.ContainsKey(folder)
                && NativeFiles.Read(paths[folder], out var status) == 0
                && status.Type == EntryType.Directory
            )
            {
                folders[folder] = status;
            }
        }

        // Those among the entries get the source's.
        foreach (var entry in entries)
            folders.Remove(entry);

        return [.. folders.Select(pair => (pair.Key, pair.Value))];
    }

    /// <summary>Folders in which something was replaced, and that did not change themselves, keep their times.</summary>
    public void RestoreTimes(IReadOnlyList<(int Folder, FileStatus Status)> folders)
    {
        foreach (var (folder, status) in folders)
            _ = NativeFiles.SetTimes(paths[folder], status.AccessTime, status.ModifyTime);
    }

    /// <summary>
    /// A folder that was there has attributes that the source's may have lost meanwhile; tar sets, but takes none away.
    /// </summary>
    public void ClearAttributesOfKept()
    {
        foreach (var entry in kept)
        {
            var path = paths[entry];
            foreach (var name in NativeFiles.ListAttributes(path))
                _ = NativeFiles.RemoveAttribute(path, name);
        }
    }

    /// <summary>Gives a file its other names.</summary>
    /// <returns>How many it has now.</returns>
    public async Task<int> LinkAsync(LinkGroup group, CancellationToken cancellationToken)
    {
        var from = paths[group.Leader];
        if (NativeFiles.Read(from, out var leader) != 0)
            return 0;

        var count = 0;
        foreach (var entry in group.Followers)
        {
            var to = paths[entry];
            var error = NativeFiles.Link(from, to);
            if (error == NativeFiles.Exists && NativeFiles.Read(to, out var status) == 0)
            {
                if (status.Inode == leader.Inode)
                {
                    count++;
                    continue;
                }

                if (status.Type == EntryType.Directory)
                {
                    using var tree = new MemoryStream();
                    Add(tree, entry);
                    await RemoveTreesAsync(tree, cancellationToken);
                }
                else
                {
                    _ = NativeFiles.Unlink(to);
                }

                error = NativeFiles.Link(from, to);
            }

            if (error is NativeFiles.NoSpace or NativeFiles.OverQuota)
                throw await TargetDiskFull.DescribeAsync(volume, targetPath, cancellationToken);

            if (error == 0)
                count++;
            else
                report(
                    new CopyIncident(
                        CopyIncidentKind.NotCarried,
                        TextOf(entry),
                        $"another name of {TextOf(group.Leader)}: {NativeFiles.Describe(error)}"
                    )
                );
        }

        return count;
    }

    public bool IsThere(int entry) => NativeFiles.IsThere(paths[entry]);

    /// <summary>Whether what came is, by its size and modification time, what the manifest lists.</summary>
    public bool IsAsListed(int entry)
    {
        var record = manifest[entry];
        return NativeFiles.Read(paths[entry], out var status) == 0
            && status.Type == record.Type
            && (record.Type != EntryType.File || status.Size == record.Size)
            && (
                IsSameTime(status.ModifyTime, record.ModifyTime)
                || status.ModifyTime == UnreadMark.TimeFor(record.ModifyTime)
                || TimeProbe.MayNotFit(record.ModifyTime)
            );
    }

    /// <summary>Takes an entry out of the copy that could not be brought over; the folder that it was in keeps its times.</summary>
    public void Remove(int entry)
    {
        var path = paths[entry];
        if (manifest.ParentOf(entry) < 0 || NativeFiles.Read(path, out var status) != 0)
            return;

        var folder = paths[manifest.ParentOf(entry)];
        var isFolderKnown = NativeFiles.Read(folder, out var before) == 0;
        // A folder that something is left in stays: what is in it is in the manifest, and may have come.
        _ = status.Type == EntryType.Directory ? NativeFiles.RemoveDirectory(path) : NativeFiles.Unlink(path);
        if (isFolderKnown)
            _ = NativeFiles.SetTimes(folder, before.AccessTime, before.ModifyTime);
    }

    /// <summary>For people, from the volume's root on.</summary>
    public string TextOf(int entry) => "/" + manifest.TextOf(entry);

    /// <summary>A tar of old, an old file system or a plain stat knows whole seconds alone.</summary>
    private static bool IsSameTime(Nanoseconds one, Nanoseconds other)
    {
        const long Second = 1_000_000_000;
        return one == other || ((one % Second == 0 || other % Second == 0) && Nanoseconds.Abs(one - other) < Second);
    }

    private void MakeReady(int directory, bool isAsked)
    {
        if (isReady[directory])
            return;

        isReady[directory] = true;
        if (manifest.ParentOf(directory) is var parent and >= 0)
            MakeReady(parent, isAsked: false);

        Make(directory, isAsked);
        if (NoCow.Count > 0)
            SetNoCow(directory, NoCow.Contains(directory));
    }

    /// <summary>What is made in it later has the flag from its first byte on; the folder itself has it from the one above.</summary>
    private void SetNoCow(int directory, bool isNoCow)
    {
        using var root = NativeFolders.OpenFolder(null, System.Text.Encoding.UTF8.GetBytes(targetPath + "\0"), out var error);
        if (error != 0)
            return;

        byte[] path = directory == Manifest.Root ? [(byte)'.', 0] : [.. manifest.PathOf(directory), 0];
        using var folder = NativeFolders.OpenBeneath(root, path, BeneathAccess.Read, out error);
        if (error == 0)
            _ = NativeFlags.SetNoCow(folder, isNoCow);
    }

    private void Make(int directory, bool isAsked)
    {
        var path = paths[directory];
        var error = NativeFiles.MakeDirectory(path, PrivateMode);
        if (error == NativeFiles.Exists && NativeFiles.Read(path, out var status) == 0)
        {
            if (status.Type == EntryType.Directory)
            {
                if (isAsked)
                    kept.Add(directory);

                return;
            }

            _ = NativeFiles.Unlink(path);
            error = NativeFiles.MakeDirectory(path, PrivateMode);
        }

        if (error == 0)
        {
            if (!isAsked)
                made.Add(directory);

            return;
        }

        if (error == NativeFiles.NameTooLong)
        {
            report(new CopyIncident(CopyIncidentKind.NotCarried, TextOf(directory), "path too long"));
            return;
        }

        throw error is NativeFiles.NoSpace or NativeFiles.OverQuota
            ? TargetDiskFull.DescribeAsync(volume, targetPath, default).GetAwaiter().GetResult()
            : new AgentException(
                ErrorIds.CopyFailed,
                $"The helper could not make the folder {TextOf(directory)} of {volume.Id}.",
                "See the helper's log, then resume the conversion.",
                NativeFiles.Describe(error)
            );
    }

    private void Add(MemoryStream list, int entry)
    {
        list.Write("./"u8);
        list.Write(manifest.PathOf(entry));
        list.WriteByte(0);
    }

    /// <param name="list">Paths with a NUL behind each.</param>
    private async Task RemoveTreesAsync(MemoryStream list, CancellationToken cancellationToken)
    {
        if (list.Length == 0)
            return;

        var start = new ProcessStartInfo("xargs", ["-0", "-r", "rm", "-rf", "--one-file-system", "--"])
        {
            WorkingDirectory = targetPath,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using var process = ProcessStarter.Start(start);
        var errorOutput = process.StandardError.ReadToEndAsync(CancellationToken.None);
        // It is killed with all its children, and waited for, so that the next step does not run beside them.
        await using (cancellationToken.Register(() => process.Kill(entireProcessTree: true)))
        {
            try
            {
                list.Position = 0;
                await list.CopyToAsync(process.StandardInput.BaseStream, CancellationToken.None);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading all of it: its exit code and its error output tell why.
            }

            await process.WaitForExitAsync(CancellationToken.None);
            await errorOutput;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"The helper could not take old folders out of {volume.Id}.",
                "See the helper's log, then try again.",
                await errorOutput
            );
        }
    }
}
