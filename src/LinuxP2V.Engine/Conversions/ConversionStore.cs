using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// One JSON file per conversion, replaced whole, so that a reader or a crash never meets half of one. Next to it: a lock
/// that a driver holds as long as it lives, requests to that driver, the log, and the differences of a comparison.
/// </summary>
internal sealed class ConversionStore
{
    /// <summary>A file that was read so soon after its writing may be replaced without its time changing.</summary>
    private static readonly TimeSpan s_timeGrain = TimeSpan.FromSeconds(2);

    private const string LimitExtension = ".limit";
    private const string TakenExtension = ".taken";

    private readonly string _folder;
    private readonly ConcurrentDictionary<string, SeenFile> _seen = new(StringComparer.Ordinal);

    public ConversionStore(string stateFolder)
    {
        _folder = Path.Combine(stateFolder, "conversions");
        Directory.CreateDirectory(_folder);
    }

    public void Save(Conversion conversion)
    {
        var path = PathOf(conversion.Id, ".json");
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, conversion, EngineJson.Options);
            stream.Flush(flushToDisk: true);
        }

        Replace(temporary, path);
    }

    public Conversion? Find(string id)
    {
        var path = PathOf(id, ".json");
        return File.Exists(path) ? ReadOnce(path) : null;
    }

    public IReadOnlyList<Conversion> List() =>
    [
        .. Directory.EnumerateFiles(_folder, "*.json").Select(ReadOnce).OfType<Conversion>().OrderBy(c => c.CreatedAt),
    ];

    /// <summary>For what can do without the others: a damaged file leaves nothing.</summary>
    public IReadOnlyList<Conversion> ListReadable()
    {
        try
        {
            return List();
        }
        catch (P2VException)
        {
            return [];
        }
    }

    /// <summary>Null while another driver, in this process or another, holds it. The operating system drops it with the process.</summary>
    public IDisposable? TryLock(string id)
    {
        try
        {
            return new FileStream(PathOf(id, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Looks without taking: a reader's open is refused while a driver's exclusive one stands.</summary>
    public bool IsLocked(string id)
    {
        var path = PathOf(id, ".lock");
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void RequestStop(string id) => File.WriteAllText(PathOf(id, ".stop"), "");

    public bool IsStopRequested(string id) => File.Exists(PathOf(id, ".stop"));

    public void ClearStopRequest(string id) => File.Delete(PathOf(id, ".stop"));

    /// <summary>For whoever drives it. A newer request replaces an older one.</summary>
    public void RequestLimit(string id, double? megabitsPerSecond)
    {
        var path = PathOf(id, LimitExtension);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(temporary, megabitsPerSecond?.ToString("R", CultureInfo.InvariantCulture) ?? "");
        Replace(temporary, path);
    }

    /// <summary>A request that nobody has taken, or that is being carried out.</summary>
    public bool IsLimitRequested(string id) => File.Exists(PathOf(id, LimitExtension)) || File.Exists(PathOf(id, LimitExtension + TakenExtension));

    /// <summary>Carries out a request that is there. One that a dead driver took is carried out, too.</summary>
    public void TakeLimit(string id, Action<double?> apply)
    {
        var path = PathOf(id, LimitExtension);
        var taken = PathOf(id, LimitExtension + TakenExtension);
        if (File.Exists(path))
        {
            // Taken away before it is read, so that a newer one is not lost with it.
            File.Delete(taken);
            File.Move(path, taken);
        }

        if (File.Exists(taken))
        {
            apply(double.TryParse(File.ReadAllText(taken), NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : null);
            File.Delete(taken);
        }
    }

    /// <summary>For a conversion that nobody drives: the caller holds its lock. What was requested before is outdated by this.</summary>
    public Conversion SaveLimit(Conversion conversion, double? megabitsPerSecond)
    {
        TakeLimit(conversion.Id, _ => { });
        var limited = (Find(conversion.Id) ?? conversion) with
        {
            BandwidthLimitMbps = megabitsPerSecond is > 0 ? megabitsPerSecond : null,
            UpdatedAt = DateTimeOffset.UtcNow,
        };
        Save(limited);
        return limited;
    }

    public DifferenceFile Differences(string id) => new(PathOf(id, ".differences"));

    public string LogPath(string id) => PathOf(id, ".log");

    public void Delete(string id)
    {
        // The description goes first: what is left without it is nobody's.
        foreach (var extension in new[] { ".json", ".stop", LimitExtension, LimitExtension + TakenExtension, ".differences", ".log", ".lock" })
        {
            File.Delete(PathOf(id, extension));
        }

        _seen.TryRemove(PathOf(id, ".json"), out _);
    }

    /// <summary>Of hundreds of conversions most have long ended: their files are read once.</summary>
    private Conversion? ReadOnce(string path)
    {
        var file = new FileInfo(path);
        if (_seen.TryGetValue(path, out var seen) && file.Exists && seen.WrittenAt == file.LastWriteTimeUtc && seen.Length == file.Length)
        {
            return seen.Conversion;
        }

        var readAt = DateTime.UtcNow;
        var conversion = Read(path);
        if (conversion is not null && file.Exists && readAt - file.LastWriteTimeUtc > s_timeGrain)
        {
            _seen[path] = new SeenFile(file.LastWriteTimeUtc, file.Length, conversion);
        }

        return conversion;
    }

    private static Conversion? Read(string path)
    {
        // A file can be replaced or removed between listing and opening.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                return JsonSerializer.Deserialize<Conversion>(stream, EngineJson.Options);
            }
            catch (FileNotFoundException)
            {
                return null;
            }
            catch (IOException) when (attempt < 5)
            {
                Thread.Sleep(20);
            }
            catch (JsonException exception)
            {
                throw new P2VException(
                    ErrorIds.TaskUnreadable,
                    $"The conversion file {path} cannot be read.",
                    "It was edited or damaged, or another version of LinuxP2V wrote it: move it away; its VM is not touched.",
                    path,
                    exception);
            }
        }
    }

    private static void Replace(string temporary, string path)
    {
        if (!File.Exists(path))
        {
            File.Move(temporary, path);
            return;
        }

        for (var attempt = 0; ; attempt++)
        {
            try
            {
                File.Replace(temporary, path, null);
                return;
            }
            catch (IOException) when (attempt < 10)
            {
                // On Windows a reader that has it open for a moment is in the way.
                Thread.Sleep(20);
            }
        }
    }

    private string PathOf(string id, string extension)
    {
        // An id becomes a file name: nothing but what we make ourselves.
        if (id.Length == 0 || !id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9')))
        {
            throw NotFound(id);
        }

        return Path.Combine(_folder, id + extension);
    }

    public static P2VException NotFound(string id) => new(
        ErrorIds.ConversionNotFound,
        $"There is no conversion '{id}'.",
        "Get-P2VConversion lists those of this user.",
        id);

    private sealed record SeenFile(DateTime WrittenAt, long Length, Conversion Conversion);
}
