using System.Text;
using System.Text.Json;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// The differences that the newest comparison found, a line each, below a line that names the comparison: they come while
/// it runs, may be thousands, and are read by whichever process shows them.
/// </summary>
internal sealed class DifferenceFile(StateFiles files, string path)
{
    public void Begin(string comparison)
    {
        Delete();
        Append(comparison);
    }

    public void Delete() => files.Delete(path);

    public void Add(DifferenceEvent difference) =>
        Append(JsonSerializer.Serialize<AgentEvent>(difference, ProtocolJson.Default.AgentEvent));

    /// <param name="after">How far the caller has read; of another comparison: from the start of this one.</param>
    public DifferencePage Read(DifferencePlace? after) => files.Read(path, stream => Read(stream, after)) ?? Nothing;

    private static DifferencePage Nothing { get; } = new([], new DifferencePlace("", 0));

    private static DifferencePage Read(FileStream stream, DifferencePlace? after)
    {
        if (ReadLine(stream) is not { } comparison)
        {
            return Nothing;
        }

        if (after?.Comparison == comparison)
        {
            stream.Position = after.Offset;
        }

        var found = new List<DifferenceEvent>();
        var offset = stream.Position;
        while (ReadLine(stream) is { } line)
        {
            offset = stream.Position;
            if (Parse(line) is { } difference)
            {
                found.Add(difference);
            }
        }

        return new DifferencePage(found, new DifferencePlace(comparison, offset));
    }

    private static DifferenceEvent? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ProtocolJson.Default.AgentEvent) as DifferenceEvent;
        }
        catch (JsonException)
        {
            // Half of a line, from before a power cut.
            return null;
        }
    }

    private void Append(string line) => files.Append(path, Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Null at the end, and where a line is still being written.</summary>
    private static string? ReadLine(FileStream stream)
    {
        using var line = new MemoryStream();
        int next;
        while ((next = stream.ReadByte()) >= 0)
        {
            if (next == '\n')
            {
                return Encoding.UTF8.GetString(line.ToArray());
            }

            line.WriteByte((byte)next);
        }

        return null;
    }
}

/// <summary>How far somebody has read in a comparison's differences.</summary>
public sealed record DifferencePlace(string Comparison, long Offset);

/// <param name="Next">To go on from.</param>
public sealed record DifferencePage(IReadOnlyList<DifferenceEvent> Differences, DifferencePlace Next);
