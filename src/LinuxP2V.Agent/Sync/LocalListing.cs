using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Sync;

/// <summary>Lists a folder of this machine entry by entry, without holding the list.</summary>
internal static class LocalListing
{
    private const int BufferBytes = 1 << 18;

    /// <param name="excluded">Relative to the folder, without a slash before them.</param>
    /// <exception cref="AgentException">CopyFailed.</exception>
    public static async Task ReadAsync(
        string folder,
        IEnumerable<string> excluded,
        ManifestParser.RecordHandler onRecord,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo("sh", ["-c", ManifestScript.List(ListingTool.Find, excluded)])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = ProcessStarter.Start(start);
        await using var registration = cancellationToken.Register(process.Kill);
        var errorOutput = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await Task.Run(
            () =>
            {
                var parser = new ManifestParser(onRecord);
                var buffer = new byte[BufferBytes];
                while (process.StandardOutput.BaseStream.Read(buffer) is var count and > 0)
                    parser.Add(buffer.AsSpan(0, count));
            },
            CancellationToken.None
        );
        await process.WaitForExitAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                "The helper cannot list the files of the copy.",
                "See the helper's log, then synchronise again.",
                await errorOutput
            );
        }
    }
}
