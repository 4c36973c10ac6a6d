using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>The scripts that run on the source for one volume, made of what its tools can do.</summary>
internal sealed class TarScript(SourceTools tools, ISourceView view, TargetVolume volume)
{
    private readonly string mountPoint = volume.MountPoint ?? throw new ArgumentException("A swap area has no files.", nameof(volume));

    /// <summary>Whether file systems mounted inside the volume are out of sight, so that what lies below them is seen.</summary>
    public bool SeesBelowMounts => view.SeesBelowMounts;

    /// <summary>
    /// ACLs come as the attributes that they are on the disk. Asked for ACLs as well, tar there looks for one of every file
    /// by its name, and tar here sets one on every file, made of its mode: a quarter of a copy's processor time. Only for a
    /// copy none of whose folders has a default ACL yet: what a file inherits of it, tar would leave.
    /// </summary>
    public bool AclsAreAttributes { get; private init; }

    private bool HasOwnersAndAttributes => volume.FileSystem.Kind != FileSystemKind.Vfat;

    /// <summary>Sentences for the admin on what this source's tools leave behind.</summary>
    /// <param name="isListed">tar is handed the names: it need not leave anything out by itself.</param>
    public IEnumerable<string> Losses(bool isListed = false)
    {
        if (!SeesBelowMounts)
            yield return $"{volume.Id}: the source cannot mount privately (no unshare): files hidden below mount points are not copied.";

        if (!HasOwnersAndAttributes)
            yield break;

        if (!tools.Has(SourceTools.Posix))
            yield return $"{volume.Id}: the source's tar knows no POSIX format: parts of a second in file times are lost.";

        if (!tools.Has(SourceTools.Xattrs))
            yield return $"{volume.Id}: the source's tar knows no extended attributes: "
                + "file capabilities, SELinux labels and user attributes are lost.";
        else if (!tools.Has(SourceTools.AllXattrs) && !tools.Has(SourceTools.SELinux))
            yield return $"{volume.Id}: the source's tar cannot be told to take every extended attribute: "
                + "file capabilities and SELinux labels may be lost.";

        if (!tools.Has(SourceTools.Acls))
            yield return $"{volume.Id}: the source's tar knows no access control lists: they are lost.";

        if (!tools.Has(SourceTools.Sparse))
            yield return $"{volume.Id}: the source's tar knows no sparse files: they take their full size.";

        if (!isListed && volume.ExcludedPaths.Count > 0 && !tools.Has(SourceTools.NoWildcards))
            yield return $"{volume.Id}: the source's tar takes excluded paths as patterns: *, ? and [ in them match more than themselves.";
    }

    /// <summary>Whether the source's tools suffice: without a private mount, tar itself must stop at mount points.</summary>
    public bool IsPossible => SeesBelowMounts || tools.Has(SourceTools.OneFileSystem);

    /// <summary>Whether tar can be handed any list of names; else one stream must carry the whole volume.</summary>
    public bool TakesLists => tools.Has(SourceTools.NullEnded) && tools.Has(SourceTools.NoRecursion) && tools.Has(SourceTools.Posix);

    /// <summary>For a copy that is begun from nothing, where the source's tar carries every attribute.</summary>
    public TarScript ForNewCopy() => new(tools, view, volume) { AclsAreAttributes = tools.Has(SourceTools.AllXattrs) };

    /// <summary>Reads names with a NUL behind each from standard input and writes an archive of just these.</summary>
    /// <param name="isSparse">Whether holes are looked for.</param>
    public string Asked(bool isSparse = true)
    {
        var arguments = Arguments(isSparse);
        arguments.Add(SourceTools.NullEnded);
        arguments.Add(SourceTools.NoRecursion);
        Add(arguments, SourceTools.NoUnquote);
        arguments.AddRange(["-T", "-"]);
        // TarMessages reads English, and no locale may change a name.
        return view.In($"LC_ALL=C exec {PosixShell.Join(arguments)}");
    }

    /// <summary>
    /// Pieces of one file: reads a line "skip count" of each from standard input, in units of <paramref name="unit"/> bytes.
    /// It ends at the first that cannot be read, with dd's message and exit code.
    /// </summary>
    /// <param name="path">From the volume's root, without a slash before it.</param>
    public string Ranges(byte[] path, int unit) =>
        view.In(
            $$"""
            export LC_ALL=C
            {{PosixShell.Assign("path", [.. "./"u8, .. path])}}
            exec 3>&1
            while read -r skip count; do
              messages=$(dd if="$path" bs={{unit}} skip="$skip" count="$count" 2>&1 >&3) ||
                { code=$?; printf '%s\n' "$messages" >&2; exit "$code"; }
            done
            """
        );

    /// <summary>The whole volume.</summary>
    public string Archive()
    {
        var arguments = Arguments(isSparse: true);
        arguments.Insert(0, "exec");
        var excluded = Excluded().ToList();
        if (excluded.Count > 0)
        {
            if (!tools.Has(SourceTools.Exclude))
            {
                throw new AgentException(
                    Protocol.Messages.ErrorIds.CopyFailed,
                    $"The source's tar cannot leave out {string.Join(", ", volume.ExcludedPaths)}.",
                    "Install GNU tar on the source, or take the excluded paths out of the task.",
                    tools.TarVersion
                );
            }

            Add(arguments, SourceTools.Anchored, SourceTools.NoWildcards);
            arguments.AddRange(excluded.Select(path => $"--exclude={path}"));
        }

        arguments.Add(".");
        return view.In(PosixShell.Join(arguments));
    }

    private List<string> Arguments(bool isSparse)
    {
        var arguments = new List<string> { "tar", "-c", "-f", "-" };
        Add(
            arguments,
            SourceTools.Posix,
            SourceTools.NoAccessTimes,
            SourceTools.NumericOwner,
            SourceTools.OneFileSystem,
            SourceTools.LargeRecords
        );
        if (HasOwnersAndAttributes)
        {
            if (!AclsAreAttributes)
                Add(arguments, SourceTools.Acls);

            Add(arguments, SourceTools.Xattrs, SourceTools.AllXattrs);
            if (isSparse)
                Add(arguments, SourceTools.Sparse);

            if (!tools.Has(SourceTools.AllXattrs))
                Add(arguments, SourceTools.SELinux);
        }

        return arguments;
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

        if (tools.Has(SourceTools.Exclude))
        {
            foreach (var name in AgentFiles.NamesIn(volume))
                yield return "./" + name;
        }
    }

    private void Add(List<string> arguments, params ReadOnlySpan<string> options)
    {
        foreach (var option in options)
        {
            if (tools.Has(option))
                arguments.Add(option);
        }
    }
}
