using System.Text;
using System.Text.Json;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>
/// The helper's second serial port: framed lines in both directions. Firmware and boot loaders write there too, and a
/// terminal may echo, so that every other line is noise.
/// </summary>
internal sealed class HelperSerialPort(Stream stream)
{
    private const string Frame = "linuxp2v:";
    private const int LongestLine = 64 * 1024;

    /// <returns>The announcement in a line, wherever in it the frame begins; null for noise.</returns>
    public static HelperAnnouncement? ParseLine(string line)
    {
        var start = line.LastIndexOf(Frame, StringComparison.Ordinal);
        if (start < 0)
            return null;

        try
        {
            return JsonSerializer.Deserialize(line.Substring(start + Frame.Length), ProtocolJson.Default.HelperAnnouncement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">The other end went away.</exception>
    public async Task SendAsync(HelperSettings settings, CancellationToken cancellationToken)
    {
        // The line feed first ends whatever noise stands unfinished in the helper's buffer.
        var line = $"\n{Frame}{JsonSerializer.Serialize(settings, ProtocolJson.Default.HelperSettings)}\n";
        var bytes = Encoding.UTF8.GetBytes(line);
        await stream.WriteAsync(bytes, 0, bytes.Length, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calls for each announcement until the stream ends or the callback returns true.</summary>
    /// <returns>Whether the callback was content.</returns>
    public async Task<bool> ReadAsync(Func<HelperAnnouncement, bool> isWanted, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        var line = new List<byte>();
        while (true)
        {
            var count = await stream.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return false;

            foreach (var value in buffer.Take(count))
            {
                if (value is not ((byte)'\n' or (byte)'\r'))
                {
                    // A line without an end is no line of ours.
                    if (line.Count == LongestLine)
                        line.Clear();

                    line.Add(value);
                    continue;
                }

                var announcement = ParseLine(Encoding.UTF8.GetString([.. line]));
                line.Clear();
                if (announcement is not null && isWanted(announcement))
                    return true;
            }
        }
    }
}
