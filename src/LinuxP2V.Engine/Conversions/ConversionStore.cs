using System.Collections.Concurrent;
using System.Text.Json;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// One JSON file per conversion, replaced whole, so that a reader or a crash never meets half of one. Next to it: a lock
/// that a driver holds as long as it lives, the log, and the differences of a comparison. Requests to the driver have a
/// folder of their own.
/// </summary>
internal sealed class ConversionStore
{
    /// <summary>A file that was read so soon after its writing may be replaced without its time changing.</summary>
    private static readonly TimeSpan TimeGrain = TimeSpan.FromSeconds(2);

    /// <summary>How long a file may be in use or denied before that is an error.</summary>
    public static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(3);

    private readonly string folder;
    private readonly StateFiles files;
    private readonly ConcurrentDictionary<string, SeenFile> seen = new(StringComparer.Ordinal);
    private volatile bool hasLocks;

    /// <param name="busyTimeout">Null: three seconds.</param>
    /// <exception cref="P2VException">StateNotAccessible, as from every other member.</exception>
    public ConversionStore(string stateFolder, TimeSpan? busyTimeout = null)
        : this(stateFolder, new StateFiles(busyTimeout ?? BusyTimeout)) { }

    public ConversionStore(string stateFolder, StateFiles files)
    {
        folder = Path.Combine(stateFolder, "conversions");
        this.files = files;
        files.CreateFolder(stateFolder);
        files.CreateOwnFolder(folder);
        Requests = new ConversionRequests(files, Path.Combine(stateFolder, "requests"));
    }

    public ConversionRequests Requests { get; }

    public void Save(Conversion conversion) =>
        files.Write(PathOf(conversion.Id, ".json"), stream => JsonSerializer.Serialize(stream, conversion, EngineJson.Options));

    /// <summary>Whether there is a file of the conversion, readable or not.</summary>
    public bool IsKept(string id) => File.Exists(PathOf(id, ".json"));

    public Conversion? Find(string id) => ReadOnce(new FileInfo(PathOf(id, ".json")));

    /// <summary>As the file has it now: a share may tell its time and size of a while ago.</summary>
    public Conversion? FindFresh(string id)
    {
        seen.TryRemove(PathOf(id, ".json"), out _);
        return Find(id);
    }

    /// <summary>Those that can be read, oldest first. A damaged file hides no other.</summary>
    /// <param name="known">What is known better than its file, by its id; null: read the file.</param>
    public IReadOnlyList<Conversion> List(Func<string, Conversion?>? known = null) =>
        [
            .. ReadAll(known)
                .Select(read => read.Conversion)
                .OfType<Conversion>()
                .OrderBy(c => c.CreatedAt)
                .ThenBy(c => c.Id, StringComparer.Ordinal),
        ];

    /// <summary>Those that cannot be read, by their ids.</summary>
    public IReadOnlyList<DamagedConversion> ListDamaged() =>
        [.. ReadAll(null).Select(read => read.Damaged).OfType<DamagedConversion>().OrderBy(damaged => damaged.Id, StringComparer.Ordinal)];

    /// <summary>On all processors: a new session has a thousand files to read before it shows the first.</summary>
    private ParallelQuery<(Conversion? Conversion, DamagedConversion? Damaged)> ReadAll(Func<string, Conversion?>? known) =>
        files
            .List(folder, "*.json")
            // A file of another name is none of ours.
            .Where(file => IsId(Path.GetFileNameWithoutExtension(file.Name)))
            .AsParallel()
            .Select(file => ReadKept(file, known));

    private (Conversion? Conversion, DamagedConversion? Damaged) ReadKept(FileInfo file, Func<string, Conversion?>? known)
    {
        var id = Path.GetFileNameWithoutExtension(file.Name);
        try
        {
            return (known?.Invoke(id) ?? ReadOnce(file), null);
        }
        catch (P2VException failure)
        {
            return (null, new DamagedConversion(id, file.FullName, file.LastWriteTimeUtc, failure));
        }
    }

    /// <summary>Null while another driver, in this process or another, holds it. The operating system drops it with the process.</summary>
    /// <exception cref="P2VException">
    /// StateNotAccessible: the file system keeps no locks, so that two could drive one conversion.
    /// </exception>
    public IDisposable? TryLock(string id)
    {
        var path = PathOf(id, ".lock");
        var held = files.TryLock(path);
        if (held is null || hasLocks)
            return held;

        // Some network file systems take a lock and keep none. That shows here, where the file is held.
        hasLocks = files.IsLocked(path);
        if (hasLocks)
            return held;

        held.Dispose();
        throw new P2VException(
            ErrorIds.StateNotAccessible,
            $"The file system of '{folder}' keeps no locks: two processes could drive one conversion.",
            $"Mount it with locks, or choose another state folder with the environment variable {StateFolder.OverrideVariable}.",
            folder
        );
    }

    public bool IsLocked(string id) => files.IsLocked(PathOf(id, ".lock"));

    /// <summary>For a conversion that nobody drives: the caller holds its lock. What was requested before is outdated by this.</summary>
    public Conversion SaveLimit(Conversion conversion, double? megabitsPerSecond)
    {
        Requests.TakeLimit(conversion.Id, _ => true);
        var limited = (Find(conversion.Id) ?? conversion) with
        {
            BandwidthLimitMbps = megabitsPerSecond is > 0 ? megabitsPerSecond : null,
            UpdatedAt = DateTimeOffset.UtcNow,
        };
        Save(limited);
        return limited;
    }

    public DifferenceFile Differences(string id) => new(files, PathOf(id, ".differences"));

    /// <summary>For the lines of a driver, while others read them.</summary>
    public Stream OpenLog(string id) => files.OpenToAppend(LogPath(id), FileShare.Read | FileShare.Delete);

    public string LogPath(string id) => PathOf(id, ".log");

    public void Delete(string id)
    {
        // The description goes first: what is left without it is nobody's.
        foreach (var extension in new[] { ".json", ".differences", ".log", ".lock" })
        {
            files.Delete(PathOf(id, extension));
        }

        Requests.Delete(id);

        seen.TryRemove(PathOf(id, ".json"), out _);
    }

    /// <summary>Of hundreds of conversions most have long ended: their files are read once.</summary>
    private Conversion? ReadOnce(FileInfo file)
    {
        var path = file.FullName;
        if (
            this.seen.TryGetValue(path, out var seen)
            && file.Exists
            && seen.WrittenAt == file.LastWriteTimeUtc
            && seen.Length == file.Length
        )
        {
            return seen.Conversion;
        }

        var readAt = DateTime.UtcNow;
        var conversion = Read(path);
        if (conversion is not null && file.Exists && readAt - file.LastWriteTimeUtc > TimeGrain)
        {
            this.seen[path] = new SeenFile(file.LastWriteTimeUtc, file.Length, conversion);
        }

        return conversion;
    }

    private Conversion? Read(string path)
    {
        try
        {
            return files.Read(
                path,
                // "null" is JSON too.
                stream => JsonSerializer.Deserialize<Conversion>(stream, EngineJson.Options) ?? throw Unreadable(path, null)
            );
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw Unreadable(path, exception);
        }
    }

    private static P2VException Unreadable(string path, Exception? exception) =>
        new(
            ErrorIds.TaskUnreadable,
            $"The conversion file {path} cannot be read.",
            "It was edited or damaged, or another version of LinuxP2V wrote it. Read it with that version, or forget it with "
                + $"'Remove-P2VConversion {Path.GetFileNameWithoutExtension(path)}': its VM is not touched.",
            path,
            exception
        );

    private string PathOf(string id, string extension)
    {
        return IsId(id) ? Path.Combine(folder, id + extension) : throw NotFound(id);
    }

    /// <summary>An id becomes a file name: nothing but what we make ourselves.</summary>
    public static bool IsId(string id) => id.Length > 0 && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9'));

    public static P2VException NotFound(string id) =>
        new(ErrorIds.ConversionNotFound, $"There is no conversion '{id}'.", "Get-P2VConversion lists those of this user.", id);

    private sealed record SeenFile(DateTime WrittenAt, long Length, Conversion Conversion);
}
