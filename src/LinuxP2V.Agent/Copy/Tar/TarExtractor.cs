using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>The helper's own GNU tar, which writes one volume. Disposing kills it.</summary>
internal sealed class TarExtractor : IDisposable
{
    private const int KeptLines = 100;

    private readonly TargetVolume volume;
    private readonly string targetPath;
    private readonly Action<CopyIncident> report;
    private readonly IEventSink sink;
    private readonly Process process;
    private readonly Task errors;
    private readonly List<string> fatal = [];

    private TarExtractor(TargetVolume volume, string targetPath, Action<CopyIncident> report, IEventSink sink, bool aclsAreAttributes)
    {
        (this.volume, this.targetPath, this.report, this.sink) = (volume, targetPath, report, sink);
        var start = new ProcessStartInfo("tar", Options(volume, targetPath, aclsAreAttributes))
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        process = ProcessStarter.Start(start);
        Pipes.Enlarge(Input);
        errors = Task.Run(ReadErrorsAsync);
    }

    public Stream Input => process.StandardInput.BaseStream;

    public bool IsDiskFull { get; private set; }

    /// <param name="report">Gets what a file could not be given, on another thread.</param>
    /// <param name="aclsAreAttributes">As <see cref="TarScript.AclsAreAttributes"/> of the script that writes the archive.</param>
    public static TarExtractor Start(
        TargetVolume volume,
        string targetPath,
        Action<CopyIncident> report,
        IEventSink sink,
        bool aclsAreAttributes = false
    ) => new(volume, targetPath, report, sink, aclsAreAttributes);

    /// <summary>Waits for its end; the input must be closed before.</summary>
    /// <exception cref="AgentException">TargetDiskFull, CopyFailed.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken);
        await errors.WaitAsync(cancellationToken);
        if (IsDiskFull)
            throw await TargetDiskFull.DescribeAsync(volume, targetPath, cancellationToken);

        if (fatal.Count == 0 && process.ExitCode is 0 or 1 or 2)
            return;

        throw new AgentException(
            ErrorIds.CopyFailed,
            $"The helper could not write the files of {volume.Id}: tar ended with {process.ExitCode}.",
            "See the helper's log. What was copied stays; resume the conversion to copy this volume again.",
            string.Join(" / ", fatal.TakeLast(4))
        );
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

    private static List<string> Options(TargetVolume volume, string targetPath, bool aclsAreAttributes)
    {
        List<string> arguments =
        [
            "--extract",
            "--file=-",
            SourceTools.LargeRecords,
            $"--directory={targetPath}",
            "--numeric-owner",
            "--delay-directory-restore",
            "--warning=no-timestamp",
        ];
        arguments.AddRange(
            volume.FileSystem.Kind == FileSystemKind.Vfat
                ? ["--no-same-owner", "--no-same-permissions", "--no-acls", "--no-xattrs", "--no-selinux"]
                : ["--same-owner", "--same-permissions", aclsAreAttributes ? "--no-acls" : "--acls", "--xattrs", "--xattrs-include=*"]
        );
        return arguments;
    }

    private async Task ReadErrorsAsync()
    {
        var lines = new LineReader(process.StandardError.BaseStream);
        while (await lines.ReadLineAsync() is { } line)
        {
            if (
                line.Contains("No space left on device", StringComparison.Ordinal)
                || line.Contains(": Wrote only ", StringComparison.Ordinal)
            )
            {
                // A write that the disk took in part is how it says it for the last file that half fits.
                // It would go on and fail for each further file.
                IsDiskFull = true;
                Kill();
            }
            else if (
                TarMessages.IsNoise(line)
                || line.Contains("Unexpected EOF in archive", StringComparison.Ordinal)
                || line.Contains("Error is not recoverable", StringComparison.Ordinal)
            )
            {
                // The stream's own end tells more.
            }
            else if (TarMessages.FromTarget(line) is { } incident)
            {
                report(incident);
            }
            else if (line.Contains(": Warning: ", StringComparison.Ordinal))
            {
                sink.Warning($"{volume.Id}: {line}");
            }
            else if (fatal.Count < KeptLines)
            {
                fatal.Add(line);
            }
        }
    }
}
