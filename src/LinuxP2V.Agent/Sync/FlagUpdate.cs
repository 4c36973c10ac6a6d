using System.Collections;
using System.Text;
using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// The flags of chattr over a pass: off before it, as an immutable file takes no change; on again after it. A change of
/// flags moves the ctime, so the source is asked for those of entries that changed or that had some, and no others.
/// </summary>
internal sealed class FlagUpdate
{
    /// <summary>So many names are asked for at a time, as many as a tar of folders is: none of the lists grows with the volume.</summary>
    private const int MostNames = 100_000;

    private readonly VolumeWork work;
    private readonly List<byte[]>? known;

    private FlagUpdate(VolumeWork work, List<byte[]>? known) => (this.work, this.known) = (work, known);

    /// <summary>Takes the flags off that the copy is known to have.</summary>
    public static async Task<FlagUpdate> LiftAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        await VolumeFlags.ClearAsync(work, cancellationToken);
        if (!File.Exists(work.Record.FlagsPath))
            return new FlagUpdate(work, null);

        var known = new List<byte[]>();
        var list = await File.ReadAllBytesAsync(work.Record.FlagsPath, cancellationToken);
        for (var rest = list.AsSpan(); rest.IndexOf((byte)0) is var end and >= 0; rest = rest[(end + 1)..])
        {
            var path = rest[..end];
            known.Add(
                (
                    path.StartsWith("./"u8) ? path[2..]
                    : path is [(byte)'.'] ? []
                    : path
                ).ToArray()
            );
        }

        return new FlagUpdate(work, known);
    }

    /// <summary>
    /// Asks the source what it has now, which may be while the files come: flags that change later move a ctime behind the
    /// list's, which the next pass sees.
    /// </summary>
    /// <returns>null where all files must be asked for, or none can be.</returns>
    /// <exception cref="AgentException">SourceConnectionLost, CopyFailed.</exception>
    public async Task<IReadOnlyDictionary<FlagSet, MemoryStream>?> ReadAsync(
        ManifestDifference difference,
        CancellationToken cancellationToken
    )
    {
        if (known is null || !await CanHaveFlagsAsync(cancellationToken))
            return null;

        using var listing = new MemoryStream();
        foreach (var entries in Asked(difference).Chunk(MostNames))
            await ReadAsync(difference.Manifest, entries, listing, cancellationToken);

        return FileFlags.Group(listing.GetBuffer().AsSpan(0, (int)listing.Length));
    }

    /// <summary>Sets what the source has.</summary>
    /// <param name="read">What <see cref="ReadAsync(ManifestDifference, CancellationToken)"/> returned.</param>
    /// <exception cref="AgentException">SourceConnectionLost, CopyFailed.</exception>
    public async Task RestoreAsync(IReadOnlyDictionary<FlagSet, MemoryStream>? read, CancellationToken cancellationToken)
    {
        if (read is not null)
            await VolumeFlags.SetAsync(work, read, cancellationToken);
        else if (await CanHaveFlagsAsync(cancellationToken))
            await VolumeFlags.ApplyAsync(work, cancellationToken);
    }

    private async Task<bool> CanHaveFlagsAsync(CancellationToken cancellationToken) =>
        work.Volume.FileSystem.Kind != Protocol.Layout.FileSystemKind.Vfat
        && (await work.Streams.ReadToolsAsync(cancellationToken)).HasLsattr;

    /// <summary>Entries that changed, and those that had flags and may have another path now.</summary>
    private IEnumerable<int> Asked(ManifestDifference difference)
    {
        var manifest = difference.Manifest;
        var asked = new BitArray(manifest.Count);
        for (var entry = 0; entry < manifest.Count; entry++)
        {
            if (difference.VerdictOf(entry) != EntryState.Same && manifest.TypeOf(entry) is EntryType.File or EntryType.Directory)
                asked[entry] = true;
        }

        var moved = MovedPaths(difference);
        foreach (var path in known!)
        {
            if (FindNow(path, manifest, moved) is var entry and >= 0)
                asked[entry] = true;
        }

        return Enumerable.Range(0, manifest.Count).Where(entry => asked[entry]);
    }

    private static Dictionary<string, int> MovedPaths(ManifestDifference difference)
    {
        var moved = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var row = 0; row < difference.Departed.Count; row++)
        {
            if (difference.Departed.SuccessorOf(row) is var entry and >= 0)
                moved[Encoding.Latin1.GetString(difference.Departed.PathOf(row))] = entry;
        }

        return moved;
    }

    /// <summary>By the nearest directory above that moved.</summary>
    private static int FindNow(byte[] path, Manifest manifest, Dictionary<string, int> moved)
    {
        var text = Encoding.Latin1.GetString(path);
        for (var end = text.Length; end > 0 && moved.Count > 0; end = text.LastIndexOf('/', end - 1))
        {
            if (moved.TryGetValue(text[..end], out var entry))
                return end == text.Length ? entry : manifest.Find([.. manifest.PathOf(entry), .. path.AsSpan(end)]);
        }

        return manifest.Find(path);
    }

    private async Task ReadAsync(Manifest manifest, int[] entries, MemoryStream listing, CancellationToken cancellationToken)
    {
        using var names = new MemoryStream();
        using var oddNames = new MemoryStream();
        foreach (var entry in entries)
        {
            var path = manifest.PathOf(entry);
            var to = path.AsSpan().IndexOf((byte)'\n') < 0 ? names : oddNames;
            to.Write(path.Length == 0 ? "."u8 : "./"u8);
            to.Write(path);
            to.WriteByte(0);
        }

        await ReadAsync(FlagScripts.Named, names, listing, cancellationToken);
        await ReadAsync(FlagScripts.NamedOddly, oddNames, listing, cancellationToken);
    }

    private async Task ReadAsync(string script, MemoryStream names, MemoryStream listing, CancellationToken cancellationToken)
    {
        if (names.Length == 0)
            return;

        var list = names.ToArray();
        var answer = await work.Streams.RunAsync(
            async (lane, token) =>
            {
                using var stream = lane.Start(work.View.In(script), null, CommandInput.Of(list));
                await using var registration = token.Register(stream.Kill);
                var output = await SourceText.ReadBytesAsync(stream.Output, SourceText.LongestList, token);
                token.ThrowIfCancellationRequested();
                VolumeFlags.EnsureWhole(work, await stream.WaitAsync(token));
                return output;
            },
            cancellationToken
        );
        listing.Write(answer.Span);
    }
}
