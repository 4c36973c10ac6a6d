using System.Security.Cryptography;
using System.Text.Json;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>
/// Keeps each file as it was before its first change, below /var/lib/linuxp2v/originals in the copy. A repeated run puts
/// them back first, so that it always starts from what the source had; but a file that something else changed since
/// (a later sync) is a new original, and stays.
/// </summary>
internal sealed class Originals(CopyRoot files)
{
    public const string Folder = "/var/lib/linuxp2v";
    private const string IndexPath = $"{Folder}/originals.json";

    private readonly Dictionary<string, OriginalEntry> entries = new(StringComparer.Ordinal);

    /// <summary>Paths that this run changed, made or removed.</summary>
    public IReadOnlyCollection<string> Touched => touched;

    private readonly FileLocks locks = new();

    private readonly HashSet<string> touched = new(StringComparer.Ordinal);

    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        entries.Clear();
        touched.Clear();
        if (files.Tree.TryReadText(IndexPath) is not { } text)
        {
            return;
        }

        foreach (var entry in JsonSerializer.Deserialize(text, ReconfigureJson.Default.ListOriginalEntry) ?? [])
        {
            var place = files.HostEntry(entry.Path);
            await locks.LiftAsync(place, cancellationToken);
            if (entry.Written is not null && entry.Written != Fingerprint(place))
            {
                File.Delete(HostOf(entry.Path));
                continue;
            }

            File.Delete(place);
            if (entry.Existed)
            {
                await CopyAsync(HostOf(entry.Path), place, cancellationToken);
                entries[entry.Path] = entry with { Written = null };
            }
        }

        Save();
    }

    /// <summary>To be called before a file is changed, made or removed. The path's last component is taken as it stands.</summary>
    public async Task KeepAsync(string path, CancellationToken cancellationToken)
    {
        touched.Add(path);
        if (entries.ContainsKey(path))
        {
            return;
        }

        var place = files.HostEntry(path);
        await locks.LiftAsync(place, cancellationToken);
        var exists = Fingerprint(place) is not "";
        if (exists)
        {
            await CopyAsync(place, HostOf(path), cancellationToken);
        }

        entries[path] = new OriginalEntry(path, exists, null);
        Save();
    }

    /// <summary>To be called before a file is removed of which no original is kept.</summary>
    public async Task LiftAsync(string path, CancellationToken cancellationToken)
    {
        touched.Add(path);
        await locks.LiftAsync(files.HostEntry(path), cancellationToken);
    }

    /// <summary>
    /// Notes what this run left behind, so that the next one can tell its own work from others', and makes immutable
    /// again what was.
    /// </summary>
    public async Task SealAsync()
    {
        foreach (var path in entries.Keys.ToList())
        {
            entries[path] = entries[path] with { Written = Fingerprint(files.HostEntry(path)) };
        }

        Save();
        // Not the run's token: a cancelled run must not leave the copy's files open.
        await locks.RestoreAsync(CancellationToken.None);
    }

    private void Save()
    {
        Directory.CreateDirectory(files.Host(Folder), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(files.Host(IndexPath), JsonSerializer.Serialize([.. entries.Values], ReconfigureJson.Default.ListOriginalEntry));
    }

    /// <summary>Where the copy has the original of a file.</summary>
    public static string PathOf(string path) => $"{Folder}/originals{path}";

    /// <summary>Undoes what this run did to a file.</summary>
    public async Task PutBackAsync(string path, CancellationToken cancellationToken)
    {
        var place = files.HostEntry(path);
        File.Delete(place);
        if (entries[path].Existed)
            await CopyAsync(HostOf(path), place, cancellationToken);
    }

    private string HostOf(string path) => files.Host($"{Folder}/originals") + path;

    /// <returns>Empty for a file that is not there.</returns>
    private static string Fingerprint(string place)
    {
        var entry = new FileInfo(place);
        return entry.LinkTarget is { } target ? "link:" + target
            : entry.Exists ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(place)))
            : "";
    }

    private static async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        // cp keeps owner, mode, times, ACL and SELinux label; the runtime would keep the mode alone.
        (await Tool.RunAsync("cp", ["-a", "--", from, to], cancellationToken)).OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"{from} could not be copied to {to}.",
            "Most often the root volume is full: plan it larger and run the conversion again."
        );
    }
}
