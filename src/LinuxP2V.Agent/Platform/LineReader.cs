using System.Text;

namespace LinuxP2V.Agent.Platform;

/// <summary>
/// Reads lines that somebody else writes, a char a byte. A line may be of any length, and take no more memory than a long
/// one: what goes beyond is passed over.
/// </summary>
internal sealed class LineReader(Stream stream, int longest = LineReader.LongestLine)
{
    public const int LongestLine = 8192;

    private const string Cut = " ...";

    private readonly byte[] buffer = new byte[1 << 14];
    private readonly StringBuilder line = new();
    private int at;
    private int end;
    private bool isCut;

    /// <returns>Without what ends it; null at the stream's end.</returns>
    public async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken = default)
    {
        var isBegun = false;
        while (true)
        {
            if (at == end)
            {
                (at, end) = (0, await stream.ReadAsync(buffer, cancellationToken));
                if (end == 0)
                    return isBegun ? Take() : null;
            }

            isBegun = true;
            var newline = buffer.AsSpan(at, end - at).IndexOf((byte)'\n');
            Keep(buffer.AsSpan(at, newline < 0 ? end - at : newline));
            at = newline < 0 ? end : at + newline + 1;
            if (newline >= 0)
                return Take();
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var kept = Math.Min(bytes.Length, longest - line.Length);
        line.Append(Encoding.Latin1.GetString(bytes[..kept]));
        isCut |= kept < bytes.Length;
    }

    private string Take()
    {
        var text = line.ToString().TrimEnd('\r') + (isCut ? Cut : "");
        line.Clear();
        isCut = false;
        return text;
    }
}
