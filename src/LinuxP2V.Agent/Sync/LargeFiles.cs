using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Compares the contents of large files whose ctime alone moved: both ends hash them at the same time, by the same tool,
/// as that is quicker than bringing them over.
/// </summary>
internal sealed class LargeFiles(VolumeWork work, Manifest manifest)
{
    private static readonly string[] Tools = ["b2sum", "sha256sum", "sha1sum", "md5sum", "cksum"];

    /// <summary>
    /// Reads names with a NUL behind each and prints a line for each: what the tool says, or a dash. The tools come in the
    /// order of their speed; the first line names the one that was taken.
    /// </summary>
    private static readonly string Script = $$"""
        export LC_ALL=C
        tool=$wanted
        if [ -z "$tool" ]; then
          for tool in {{PosixShell.Join(Tools)}} none; do command -v "$tool" >/dev/null 2>&1 && break; done
        fi
        echo "$tool"
        xargs -0 -n 1 sh -c '
          if [ -n "$1" ] && [ -f "$1" ] && ! [ -L "$1" ] && sum=$("$0" < "$1" 2>/dev/null); then echo "${sum% -}"; else echo -; fi' "$tool"
        """;

    /// <returns>Those of the entries whose contents are the same on both sides.</returns>
    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public async Task<HashSet<int>> FindEqualAsync(IReadOnlyList<int> entries, CancellationToken cancellationToken)
    {
        var equal = new HashSet<int>();
        if (entries.Count == 0)
            return equal;

        // Both are asked for the tool first, so that both can work at the same time.
        var asked = await ReadSourceAsync("", [], cancellationToken);
        var tool = asked.Count > 0 ? asked[0] : "none";
        // What the source says becomes a command here too.
        if (!Tools.Contains(tool))
            return equal;

        entries = await TakeSparseAsync(entries, tool, equal, cancellationToken);
        using var names = new MemoryStream();
        foreach (var entry in entries)
        {
            names.Write("./"u8);
            names.Write(manifest.PathOf(entry));
            names.WriteByte(0);
        }

        var list = names.ToArray();
        var source = ReadSourceAsync(tool, list, cancellationToken);
        var copy = ReadCopyAsync(tool, list, cancellationToken);
        var (there, here) = (await source, await copy);
        for (var i = 0; i < entries.Count; i++)
        {
            if (i + 1 < there.Count && i + 1 < here.Count && there[i + 1] != "-" && there[i + 1].Length > 0 && there[i + 1] == here[i + 1])
                equal.Add(entries[i]);
        }

        return equal;
    }

    /// <summary>Those that are mostly holes are hashed by their data alone.</summary>
    /// <returns>The others.</returns>
    private async Task<IReadOnlyList<int>> TakeSparseAsync(
        IReadOnlyList<int> entries,
        string tool,
        HashSet<int> equal,
        CancellationToken cancellationToken
    )
    {
        var others = new List<int>(entries.Count);
        foreach (var entry in entries)
        {
            var (record, path) = (manifest[entry], manifest.PathOf(entry));
            if (
                !DataRanges.AreWorthAsking(record)
                || await DataRanges.ReadAsync(work, path, record.Size, cancellationToken) is not { } ranges
            )
            {
                others.Add(entry);
                continue;
            }

            if (record.Size == SizeInCopy(path) && await DataRanges.AreEqualAsync(work, path, ranges, tool, cancellationToken))
                equal.Add(entry);
        }

        return others;
    }

    private long SizeInCopy(byte[] path)
    {
        using var folder = new TargetFolder(work.Volume.Id, work.TargetPath);
        return folder.Read(path)?.Size ?? -1;
    }

    private Task<IReadOnlyList<string>> ReadSourceAsync(string tool, byte[] names, CancellationToken cancellationToken) =>
        work.Streams.RunAsync(
            async (lane, token) =>
            {
                using var stream = lane.Start(work.View.In($"wanted={PosixShell.Quote(tool)}\n{Script}"), null, CommandInput.Of(names));
                await using var registration = token.Register(stream.Kill);
                var lines = await ReadLinesAsync(stream.Output, names.AsSpan().Count((byte)0) + 1, token);
                // What it could not read it says by a dash; a connection that broke throws here.
                await stream.WaitAsync(token);
                return lines;
            },
            cancellationToken
        );

    private async Task<IReadOnlyList<string>> ReadCopyAsync(string tool, byte[] names, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("sh", ["-c", $"wanted={PosixShell.Quote(tool)}\n{Script}"])
        {
            WorkingDirectory = work.TargetPath,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = ProcessStarter.Start(start);
        await using var registration = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var lines = ReadLinesAsync(process.StandardOutput.BaseStream, names.AsSpan().Count((byte)0) + 1, cancellationToken);
        await process.StandardInput.BaseStream.WriteAsync(names, cancellationToken);
        process.StandardInput.Close();
        var result = await lines;
        await process.WaitForExitAsync(cancellationToken);
        return result;
    }

    private static async Task<IReadOnlyList<string>> ReadLinesAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        var reader = new LineReader(stream);
        var lines = new List<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (lines.Count < most)
                lines.Add(line.TrimEnd());
        }

        return lines;
    }
}
