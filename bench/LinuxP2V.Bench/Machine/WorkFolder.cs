using System.Globalization;

namespace LinuxP2V.Bench.Machine;

/// <summary>
/// Everything that the benchmark makes lies below one folder, so that cleaning needs no list: whatever is mounted below it
/// is unmounted, whatever loop device lies on a file below it is detached. Done at the start too, for a run that was killed.
/// </summary>
internal sealed class WorkFolder : IAsyncDisposable
{
    private const int Attempts = 40;
    private readonly FileStream hold;

    private WorkFolder(string path, FileStream hold) => (Path, this.hold) = (path, hold);

    public string Path { get; }

    /// <summary>Of the disks that copies are made on from now on; null: as fast as they are.</summary>
    public DiskSpeed? DiskSpeed { get; set; }

    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    /// <exception cref="BenchException">Another benchmark uses it, or it cannot be cleaned.</exception>
    public static async Task<WorkFolder> OpenAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        FileStream hold;
        try
        {
            hold = new FileStream(
                path + ".lock",
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose
            );
        }
        catch (IOException)
        {
            throw new BenchException("Another benchmark is running here: two would measure each other.");
        }

        try
        {
            await CleanAsync(path, cancellationToken);
            Directory.CreateDirectory(path);
            return new WorkFolder(path, hold);
        }
        catch
        {
            await hold.DisposeAsync();
            throw;
        }
    }

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await CleanAsync(Path, CancellationToken.None);
        }
        finally
        {
            await hold.DisposeAsync();
        }
    }

    /// <summary>Unmounts a folder and all below it, and waits for programs that are about to end.</summary>
    public static async Task UnmountAsync(string folder, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (Mounts(folder).LastOrDefault() is not { } innermost)
                return;

            var (code, _, error) = await Shell.TryAsync("umount -- \"$1\"", [innermost], cancellationToken);
            if (code != 0 && attempt == Attempts)
                throw new BenchException($"{innermost} could not be unmounted: {error.Trim()}");

            if (code != 0)
                await Task.Delay(250, cancellationToken);
        }
    }

    public static Task DetachAsync(string device, CancellationToken cancellationToken) =>
        Shell.RunAsync("partx -d \"$1\" 2>/dev/null || true; losetup -d \"$1\"", [device], cancellationToken);

    private static async Task CleanAsync(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
            return;

        await UnmountAsync(path, cancellationToken);
        var listing = await Shell.RunAsync("losetup -l -n -O NAME,BACK-FILE", [], cancellationToken);
        foreach (
            var fields in listing
                .Split('\n')
                .Select(line => line.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        )
        {
            if (fields.Length == 2 && fields[1].StartsWith(path + "/", StringComparison.Ordinal))
                await DetachAsync(fields[0], cancellationToken);
        }

        Directory.Delete(path, recursive: true);
    }

    /// <summary>Mount points at and below a folder, in the order in which they were made.</summary>
    private static List<string> Mounts(string folder) =>
        [
            .. File.ReadLines("/proc/self/mountinfo")
                .Select(line => Unescape(line.Split(' ')[4]))
                .Where(point => point == folder || point.StartsWith(folder + "/", StringComparison.Ordinal)),
        ];

    /// <summary>The kernel writes a space as \040.</summary>
    private static string Unescape(string field)
    {
        for (var i = field.IndexOf('\\', StringComparison.Ordinal); i >= 0 && i + 3 < field.Length; i = field.IndexOf('\\', i + 1))
        {
            var code = field.AsSpan(i + 1, 3);
            var value = (char)(((code[0] - '0') * 64) + ((code[1] - '0') * 8) + (code[2] - '0'));
            field = string.Create(CultureInfo.InvariantCulture, $"{field.AsSpan(0, i)}{value}{field.AsSpan(i + 4)}");
        }

        return field;
    }
}
