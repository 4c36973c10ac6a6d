using System.Security.Cryptography;
using System.Text;

namespace LinuxP2V.Bench.Data;

/// <summary>Contents of files: noise, which nothing compresses, or text like that of logs.</summary>
internal sealed class Filler(int seed)
{
    private const int TextBytes = 64 << 20;
    private static readonly string[] Words = (
        "connection request session timeout while reading from the upstream server client closed user root "
        + "started stopped unit service kernel memory disk error warning info"
    ).Split(' ');

    private readonly Random random = new(seed);
    private byte[]? text;

    /// <summary>Fills a buffer with noise; it never comes twice, since nothing depends on what it is.</summary>
    public static void Noise(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);

    /// <summary>A piece of text, at most a few MB long; zstd -1 makes about a quarter of it.</summary>
    public ReadOnlySpan<byte> Text(int bytes)
    {
        text ??= MakeText();
        return text.AsSpan(random.Next(text.Length - bytes), bytes);
    }

    public async Task WriteAsync(string path, long bytes, bool isText, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        for (var left = bytes; left > 0; left -= buffer.Length)
        {
            var piece = buffer.AsMemory(0, (int)Math.Min(left, buffer.Length));
            if (isText)
                Text(piece.Length).CopyTo(piece.Span);
            else
                Noise(piece.Span);

            await file.WriteAsync(piece, cancellationToken);
        }
    }

    private byte[] MakeText()
    {
        var made = new byte[TextBytes];
        var line = new StringBuilder();
        var place = 0;
        while (place < made.Length)
        {
            line.Clear()
                .Append("2026-03-")
                .Append(random.Next(10, 29))
                .Append("T08:")
                .Append(random.Next(10, 60))
                .Append(':')
                .Append(random.Next(10, 60))
                .Append('.')
                .Append(random.Next(100_000, 999_999))
                .Append(" node")
                .Append(random.Next(20))
                .Append(" app[")
                .Append(random.Next(30_000))
                .Append("]:");
            for (var word = random.Next(4, 12); word > 0; word--)
                line.Append(' ').Append(Words[random.Next(Words.Length)]);

            line.Append(" id=").Append(random.NextInt64().ToString("x", System.Globalization.CultureInfo.InvariantCulture)).Append('\n');
            var bytes = Encoding.ASCII.GetBytes(line.ToString());
            var count = Math.Min(bytes.Length, made.Length - place);
            bytes.AsSpan(0, count).CopyTo(made.AsSpan(place));
            place += count;
        }

        return made;
    }
}
