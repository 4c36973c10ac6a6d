using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// Files of which tar sent less than it had announced. It says that they shrank; where the disk could not be read it says
/// the same. The source reads them once more: that tells which it was.
/// </summary>
internal static class ShortFiles
{
    /// <summary>Reads names with a NUL behind each; a line for each: its size where all of it can be read.</summary>
    private const string Script = """
        export LC_ALL=C
        xargs -0 sh -c 'for f do
          if [ ! -e "$f" ]; then echo gone
          elif dd if="$f" of=/dev/null bs=65536 2>/dev/null; then wc -c < "$f" || echo unreadable
          else echo unreadable; fi
        done' sh
        """;

    /// <param name="incidents">Each with <see cref="CopyIncident.PartlyRead"/>.</param>
    /// <param name="manifest">What the files' sizes were; empty where there is no list.</param>
    /// <returns>The same, as what they are.</returns>
    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public static async Task<IReadOnlyList<CopyIncident>> JudgeAsync(
        VolumeWork work,
        IReadOnlyList<CopyIncident> incidents,
        Manifest manifest,
        CancellationToken cancellationToken
    )
    {
        if (incidents.Count == 0)
            return [];

        using var names = new MemoryStream();
        foreach (var incident in incidents)
        {
            names.Write("./"u8);
            names.Write(incident.PartlyRead);
            names.WriteByte(0);
        }

        var answers = await ReadAsync(work, names.ToArray(), cancellationToken);
        return [.. incidents.Select((incident, i) => Judge(incident, i < answers.Length ? answers[i].Trim() : "", manifest))];
    }

    private static CopyIncident Judge(CopyIncident incident, string answer, Manifest manifest)
    {
        if (answer == "gone")
            return incident;

        if (!long.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            return incident with { Kind = CopyIncidentKind.Unreadable, Detail = "read error" };

        // As long as it was listed, so that it did not shrink: the disk gave at the second time what it had not given before.
        return manifest.Find(incident.PartlyRead) is var entry and >= 0 && size >= manifest[entry].Size
            ? incident with
            {
                Kind = CopyIncidentKind.Unreadable,
                Detail = "not all of it could be read",
            }
            : incident;
    }

    private static Task<string[]> ReadAsync(VolumeWork work, byte[] names, CancellationToken cancellationToken) =>
        work.Streams.RunAsync(
            async (lane, token) =>
            {
                using var stream = lane.Start(work.View.In(Script), null, CommandInput.Of(names));
                var (exitCode, output) = await stream.ReadToEndAsync(token);
                return exitCode == ISourceView.NotMounted ? [] : output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            },
            cancellationToken
        );
}
