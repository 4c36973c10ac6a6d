using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Copy;

/// <summary>The scripts that run on the source for one volume, made of what its tools can do.</summary>
internal sealed class TarScript(SourceTools tools, ISourceView view, TargetVolume volume)
{
    private readonly string mountPoint = volume.MountPoint ?? throw new ArgumentException("A swap area has no files.", nameof(volume));

    /// <summary>Whether file systems mounted inside the volume are out of sight, so that what lies below them is seen.</summary>
    public bool SeesBelowMounts => view.SeesBelowMounts;

    private bool HasOwnersAndAttributes => volume.FileSystem.Kind != FileSystemKind.Vfat;

    /// <summary>Whether an excluded path is the volume's root or above it.</summary>
    public static bool IsLeftOut(TargetVolume volume) => volume.MountPoint is { } root && volume.ExcludedPaths.Any(
        path => $"{root.TrimEnd('/')}/".StartsWith($"{path.TrimEnd('/')}/", StringComparison.Ordinal));

    /// <summary>Sentences for the admin on what this source's tools leave behind.</summary>
    public IEnumerable<string> Losses()
    {
        if (!SeesBelowMounts)
            yield return $"{volume.Id}: the source cannot mount privately (no unshare): files hidden below mount points are not copied.";

        if (!HasOwnersAndAttributes)
            yield break;

        if (!tools.Has(SourceTools.Posix))
            yield return $"{volume.Id}: the source's tar knows no POSIX format: parts of a second in file times are lost.";

        if (!tools.Has(SourceTools.Xattrs))
            yield return $"{volume.Id}: the source's tar knows no extended attributes: file capabilities, SELinux labels and user attributes are lost.";
        else if (!tools.Has(SourceTools.AllXattrs) && !tools.Has(SourceTools.SELinux))
            yield return $"{volume.Id}: the source's tar cannot be told to take every extended attribute: file capabilities and SELinux labels may be lost.";

        if (!tools.Has(SourceTools.Acls))
            yield return $"{volume.Id}: the source's tar knows no access control lists: they are lost.";

        if (!tools.Has(SourceTools.Sparse))
            yield return $"{volume.Id}: the source's tar knows no sparse files: they take their full size.";

        if (volume.ExcludedPaths.Count > 0 && !tools.Has(SourceTools.NoWildcards))
            yield return $"{volume.Id}: the source's tar takes excluded paths as patterns: *, ? and [ in them match more than themselves.";
    }

    /// <summary>Whether the source's tools suffice: without a private mount, tar itself must stop at mount points.</summary>
    public bool IsPossible => SeesBelowMounts || tools.Has(SourceTools.OneFileSystem);

    public string Archive()
    {
        var words = new List<string> { "exec", "tar", "-c", "-f", "-" };
        Add(words, SourceTools.Posix, SourceTools.NoAccessTimes, SourceTools.NumericOwner, SourceTools.OneFileSystem);
        if (HasOwnersAndAttributes)
        {
            Add(words, SourceTools.Acls, SourceTools.Xattrs, SourceTools.AllXattrs, SourceTools.Sparse);
            if (!tools.Has(SourceTools.AllXattrs))
                Add(words, SourceTools.SELinux);
        }

        var excluded = Excluded().ToList();
        if (excluded.Count > 0)
        {
            if (!tools.Has(SourceTools.Exclude))
            {
                throw new AgentException(
                    Protocol.Messages.ErrorIds.CopyFailed,
                    $"The source's tar cannot leave out {string.Join(", ", volume.ExcludedPaths)}.",
                    "Install GNU tar on the source, or take the excluded paths out of the task.",
                    tools.TarVersion);
            }

            Add(words, SourceTools.Anchored, SourceTools.NoWildcards);
            words.AddRange(excluded.Select(path => $"--exclude={path}"));
        }

        words.Add(".");
        return view.In(PosixShell.Join(words));
    }

    /// <summary>
    /// Flags and path of each file that has a flag worth keeping, a NUL behind each. Names with a newline are asked one at
    /// a time, as lsattr separates by newlines.
    /// </summary>
    public string Flags()
    {
        const string NewLineName = "'*\n*'";
        const string One = """
            for f do
              flags=$(lsattr -d "$f" 2>/dev/null | sed -n '1s/ .*//p')
              printf '%s %s\0' "$flags" "$f"
            done
            """;
        return view.In($$"""
            export LC_ALL=C
            find . -xdev \( -type f -o -type d \) ! -path {{NewLineName}} -exec lsattr -d {} + 2>/dev/null |
              grep -a '^[^ ]*[{{FileFlags.Kept}}]' | tr '\n' '\0'
            find . -xdev \( -type f -o -type d \) -path {{NewLineName}} -exec sh -c {{PosixShell.Quote(One)}} sh {} + 2>/dev/null
            :
            """);
    }

    /// <summary>As tar sees them: from the volume's root on.</summary>
    private IEnumerable<string> Excluded()
    {
        var root = mountPoint.TrimEnd('/') + "/";
        foreach (var path in volume.ExcludedPaths.Select(p => p.TrimEnd('/')))
        {
            if (path.StartsWith(root, StringComparison.Ordinal))
                yield return "./" + path[root.Length..];
        }

        // A source that is itself a copy may still have one; ours is made on the target.
        if (mountPoint == "/" && tools.Has(SourceTools.Exclude))
            yield return "./.linuxp2v";
    }

    private void Add(List<string> words, params ReadOnlySpan<string> options)
    {
        foreach (var option in options)
        {
            if (tools.Has(option))
                words.Add(option);
        }
    }
}
