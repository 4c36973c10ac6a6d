using System.Diagnostics;
using System.Text;
using LinuxP2V.Agent.Processes;
using LinuxP2V.Agent.Session;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy;

/// <summary>The helper's own GNU tar, which writes one volume. Disposing kills it.</summary>
internal sealed class TarExtractor : IDisposable
{
    private readonly TargetVolume volume;
    private readonly string targetPath;
    private readonly IncidentReporter incidents;
    private readonly IEventSink sink;
    private readonly Process process;
    private readonly Task errors;
    private readonly List<string> fatal = [];

    private TarExtractor(TargetVolume volume, string targetPath, IncidentReporter incidents, IEventSink sink)
    {
        (this.volume, this.targetPath, this.incidents, this.sink) = (volume, targetPath, incidents, sink);
        var start = new ProcessStartInfo("tar", Options(volume, targetPath))
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.Latin1,
        };
        start.Environment["LC_ALL"] = "C";
        process = Process.Start(start)!;
        errors = Task.Run(ReadErrorsAsync);
    }

    public Stream Input => process.StandardInput.BaseStream;

    public bool IsDiskFull { get; private set; }

    public static TarExtractor Start(TargetVolume volume, string targetPath, IncidentReporter incidents, IEventSink sink) =>
        new(volume, targetPath, incidents, sink);

    /// <summary>Waits for its end; the input must be closed before.</summary>
    /// <exception cref="AgentException">TargetDiskFull, CopyFailed.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken);
        await errors.WaitAsync(cancellationToken);
        if (IsDiskFull)
            throw await DiskFullAsync(cancellationToken);

        if (fatal.Count == 0 && process.ExitCode is 0 or 1 or 2)
            return;

        throw new AgentException(
            ErrorIds.CopyFailed,
            $"The helper could not write the files of {volume.Id}: tar ended with {process.ExitCode}.",
            "See the helper's log. What was copied stays; resume the conversion to copy this volume again.",
            string.Join(" / ", fatal.TakeLast(4)));
    }

    public void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // Ended by itself.
        }
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    private static List<string> Options(TargetVolume volume, string targetPath)
    {
        List<string> words = ["--extract", "--file=-", $"--directory={targetPath}", "--numeric-owner", "--delay-directory-restore", "--warning=no-timestamp"];
        words.AddRange(volume.FileSystem.Kind == FileSystemKind.Vfat
            ? ["--no-same-owner", "--no-same-permissions", "--no-acls", "--no-xattrs", "--no-selinux"]
            : ["--same-owner", "--same-permissions", "--acls", "--xattrs", "--xattrs-include=*"]);
        return words;
    }

    private async Task ReadErrorsAsync()
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("No space left on device", StringComparison.Ordinal) || line.Contains(": Wrote only ", StringComparison.Ordinal))
            {
                // A write that the disk took in part is how it says it for the last file that half fits.
                // It would go on and fail for each further file.
                IsDiskFull = true;
                Kill();
            }
            else if (TarWords.IsNoise(line) || line.Contains("Unexpected EOF in archive", StringComparison.Ordinal) || line.Contains("Error is not recoverable", StringComparison.Ordinal))
            {
                // The stream's own end tells more.
            }
            else if (TarWords.FromTarget(line) is { } incident)
            {
                incidents.Report(incident);
            }
            else if (line.Contains(": Warning: ", StringComparison.Ordinal))
            {
                sink.Warning($"{volume.Id}: {line}");
            }
            else
            {
                fatal.Add(line);
            }
        }
    }

    private async Task<AgentException> DiskFullAsync(CancellationToken cancellationToken)
    {
        var facts = await Tool.RunAsync("stat", ["-f", "-c", "%S %b %a %c %d", targetPath], cancellationToken);
        var numbers = facts.Output.Split(' ', StringSplitOptions.TrimEntries).Select(n => long.TryParse(n, out var value) ? value : 0).ToArray();
        var (block, blocks, free, inodes, freeInodes) = numbers.Length == 5 ? (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]) : default;
        var what = inodes > 0 && freeInodes == 0
            ? $"all {inodes} inodes of the copy are in use; the source used {volume.UsedInodes}"
            : $"{free * block} of {blocks * block} bytes are free; the source used {volume.UsedBytes}";
        return new AgentException(
            ErrorIds.TargetDiskFull,
            $"{volume.Id} does not fit onto its volume in the destination VM: {what}.",
            "Make the volume larger (-VolumeSize), or leave out paths (-ExcludePath), and start a new conversion.");
    }
}
