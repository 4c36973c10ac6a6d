using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Flags;

/// <summary>Carries the flags of chattr over once everything is in place, and remembers which files have some.</summary>
internal static class VolumeFlags
{
    /// <summary>Before a copy: what would break it when all else is done.</summary>
    /// <exception cref="AgentException">CopyFailed: the source's find or lsattr fails.</exception>
    public static void EnsureTools(VolumeWork work, SourceTools tools)
    {
        if (work.Volume.FileSystem.Kind == FileSystemKind.Vfat)
            return;

        var (tool, failure) = tools.FindFailure is { } find ? ("find", find) : ("lsattr", tools.LsattrFailure);
        if (failure is not null)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"{tool} on {work.Streams.Source.Name} fails, with which the file flags of {work.Volume.Id} are read.",
                $"Run {(tool == "find" ? "find / -prune" : "lsattr -d /")} on the source to see why, and mend it. "
                    + "Nothing was copied. Without any lsattr on the source its files are copied without flags.",
                failure
            );
        }
    }

    /// <summary>Reads them from the source, sets them in the copy and writes down where.</summary>
    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public static async Task ApplyAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        if (!tools.HasLsattr)
        {
            work.Sink.Warning($"{work.Volume.Id}: there is no lsattr on the source: file flags such as immutable are lost.");
            return;
        }

        await SetAsync(work, await ReadAsync(work, cancellationToken), cancellationToken);
    }

    /// <summary>Flags to the NUL-ended paths that have them on the source; empty where it has no lsattr.</summary>
    /// <exception cref="AgentException">SourceConnectionLost, CopyFailed: they could not all be read.</exception>
    public static async Task<IReadOnlyDictionary<FlagSet, MemoryStream>> ReadAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        if (!tools.HasLsattr)
            return new Dictionary<FlagSet, MemoryStream>();

        var script = work.View.In(FlagScripts.All);
        return await work.Streams.RunAsync(
            async (lane, token) =>
            {
                using var stream = lane.Start(script);
                await using var registration = token.Register(stream.Kill);
                var listing = await SourceText.ReadBytesAsync(stream.Output, SourceText.LongestList, token);
                token.ThrowIfCancellationRequested();
                EnsureWhole(work, await stream.WaitAsync(token));
                return FileFlags.Group(listing.Span);
            },
            cancellationToken
        );
    }

    /// <summary>Sets them in the copy; where, is written down first.</summary>
    public static async Task SetAsync(
        VolumeWork work,
        IReadOnlyDictionary<FlagSet, MemoryStream> groups,
        CancellationToken cancellationToken
    )
    {
        work.Record.Create();
        var next = work.Record.FlagsPath + ".next";
        await using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            foreach (var paths in groups.Values)
                paths.WriteTo(file);

            file.Flush(flushToDisk: true);
        }

        var hadFlags =
            work.Volume.FileSystem.Kind == FileSystemKind.Btrfs && File.Exists(work.Record.FlagsPath)
                ? await File.ReadAllBytesAsync(work.Record.FlagsPath, cancellationToken)
                : [];
        File.Move(next, work.Record.FlagsPath, overwrite: true);
        await Task.Run(
            () =>
            {
                FileFlags.ClearNoCow(hadFlags, work.TargetPath, work.Volume, cancellationToken);
                // Before files become immutable.
                NoCowFiles.Complete(work, groups, cancellationToken);
                FileFlags.Set(groups, work.TargetPath, work.Volume, work.Sink, cancellationToken);
            },
            cancellationToken
        );
    }

    /// <summary>A list that was cut short must not take the place of a whole one.</summary>
    /// <exception cref="AgentException">CopyFailed, VolumeNotFound.</exception>
    public static void EnsureWhole(VolumeWork work, int exitCode)
    {
        if (exitCode == 0)
            return;

        if (exitCode == ISourceView.NotMounted)
            throw UnmountedVolume.Of(work, "resume the conversion, or make a new task without it");

        throw new AgentException(
            ErrorIds.CopyFailed,
            $"{work.Streams.Source.Name} could not list the file flags of {work.Volume.Id}: find or xargs, which runs lsattr, "
                + $"ended with {exitCode}.",
            "Run find and lsattr on the source to see why, then resume the conversion."
        );
    }

    /// <summary>Takes all flags off the copy that an earlier pass set: they are in the way of the next.</summary>
    public static async Task ClearAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        if (!File.Exists(work.Record.FlagsPath))
            return;

        var paths = await File.ReadAllBytesAsync(work.Record.FlagsPath, cancellationToken);
        await Task.Run(() => FileFlags.Clear(paths, work.TargetPath, work.Volume, cancellationToken), cancellationToken);
    }
}
