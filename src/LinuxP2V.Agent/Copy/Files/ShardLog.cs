using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>A unit that is in the copy.</summary>
/// <param name="Stamp">Of a range: the file's size and modification time, as what belongs together must be of one file.</param>
internal sealed record FinishedUnit(int Number, long Bytes, long Files, string Stamp = "");

/// <summary>
/// Notes which units of a copy are on the disk, so that a resume skips them: a line each, behind a line that tells which
/// manifest and which plan they are of. What is noted was written to the disk before.
/// </summary>
internal sealed class ShardLog : IAsyncDisposable
{
    private readonly FileStream file;
    private readonly byte[] targetPath;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource end = new();
    private readonly Task noting;
    private List<FinishedUnit> waiting = [];

    private ShardLog(FileStream file, string targetPath, TimeSpan interval)
    {
        this.file = file;
        this.targetPath = Encoding.UTF8.GetBytes(targetPath + "\0");
        noting = NoteAsync(interval);
    }

    /// <summary>What an earlier run finished; empty when there is nothing of use, as of another manifest or plan.</summary>
    public static IReadOnlyDictionary<int, FinishedUnit> Read(VolumeRecord record, string plan)
    {
        var finished = new Dictionary<int, FinishedUnit>();
        if (!File.Exists(record.ProgressPath))
            return finished;

        var lines = File.ReadAllText(record.ProgressPath).Split('\n');
        if (lines[0] != plan)
            return finished;

        // What stands behind the last newline was cut short.
        foreach (var line in lines[1..^1])
        {
            if (
                line.Split(' ') is [var number, var bytes, var files, var stamp]
                && int.TryParse(number, CultureInfo.InvariantCulture, out var unit)
                && long.TryParse(bytes, CultureInfo.InvariantCulture, out var byteCount)
                && long.TryParse(files, CultureInfo.InvariantCulture, out var fileCount)
            )
            {
                finished[unit] = new FinishedUnit(unit, byteCount, fileCount, stamp);
            }
        }

        return finished;
    }

    /// <summary>One line that changes with the stored manifest and with the plan.</summary>
    public static string Identify(VolumeRecord record, ShardPlan plan)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var manifest = File.OpenRead(record.ManifestPath))
        {
            // gzip ends with a checksum and the size of what was packed.
            var tail = new byte[Math.Min(8, manifest.Length)];
            manifest.Seek(-tail.Length, SeekOrigin.End);
            manifest.ReadExactly(tail);
            hash.AppendData(tail);
            hash.AppendData(BitConverter.GetBytes(manifest.Length));
        }

        foreach (var unit in plan.Units)
            hash.AppendData(Encoding.ASCII.GetBytes(unit.ToString()));

        return $"linuxp2v-progress 1 {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    /// <summary>Goes on with the notes that are there when they are of this plan, else begins anew.</summary>
    public static ShardLog Open(VolumeRecord record, string plan, bool isResume, string targetPath, TimeSpan interval)
    {
        var file = new FileStream(record.ProgressPath, isResume ? FileMode.Open : FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        if (!isResume)
        {
            file.Write(Encoding.ASCII.GetBytes(plan + "\n"));
            file.Flush(flushToDisk: true);
        }
        else
        {
            // A line that was cut short must not run into the next.
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
                file.WriteByte((byte)'\n');
        }

        return new ShardLog(file, targetPath, interval);
    }

    /// <summary>A unit was written; it is noted once it is on the disk.</summary>
    public void Finish(FinishedUnit unit)
    {
        lock (gate)
        {
            waiting.Add(unit);
        }
    }

    /// <summary>Notes what is finished by now, also when the copy was broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await noting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(Note);
        await file.DisposeAsync();
        end.Dispose();
    }

    private async Task NoteAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval);
        while (await timer.WaitForNextTickAsync(end.Token))
            await Task.Run(Note, CancellationToken.None);
    }

    private void Note()
    {
        List<FinishedUnit> written;
        lock (gate)
        {
            (written, waiting) = (waiting, []);
        }

        if (written.Count == 0 || NativeFiles.SyncFileSystem(targetPath) != 0)
            return;

        var lines = string.Concat(
            written.Select(unit => string.Create(CultureInfo.InvariantCulture, $"{unit.Number} {unit.Bytes} {unit.Files} {unit.Stamp}\n"))
        );
        try
        {
            file.Write(Encoding.ASCII.GetBytes(lines));
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // The root volume is full: the copy itself meets that soon, and only a resume misses these lines.
        }
    }
}
