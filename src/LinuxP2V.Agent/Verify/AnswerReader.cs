using System.Buffers;
using System.Text;

namespace LinuxP2V.Agent.Verify;

/// <summary>
/// Reads what a <see cref="PathListScript"/> printed. Names may hold anything: each record's path is looked for in the list that
/// was asked, from the last one found on.
/// </summary>
/// <param name="paths">As they were asked: ./ before each, or a dot for the root.</param>
internal sealed class AnswerReader(IReadOnlyList<byte[]> paths)
{
    private readonly string?[] answers = new string?[paths.Count];
    private int next;

    /// <returns>An answer for each path, a char a byte; null where there was none.</returns>
    /// <exception cref="InvalidDataException">The output is of another form, or names what was not asked.</exception>
    public string?[] Read(ReadOnlySpan<byte> output, AnswerFormat form)
    {
        switch (form)
        {
            case AnswerFormat.Attributes:
                ReadAttributes(output);
                break;
            case AnswerFormat.Pairs:
                while (!output.IsEmpty)
                {
                    var path = Take(ref output, 0);
                    Put(path, Encoding.Latin1.GetString(Take(ref output, 0)));
                }

                break;
            default:
                while (!output.IsEmpty)
                    ReadRecord(Take(ref output, form == AnswerFormat.Lines ? (byte)'\n' : (byte)0));
                break;
        }

        return answers;
    }

    private void ReadRecord(ReadOnlySpan<byte> record)
    {
        var at = record.IndexOf(" ./"u8);
        if (at < 0)
            throw Malformed(record);

        Put(record[(at + 1)..], Encoding.Latin1.GetString(record[..at].TrimEnd((byte)' ')));
    }

    private void ReadAttributes(ReadOnlySpan<byte> output)
    {
        const string Prefix = "# file: ";
        byte[]? path = null;
        var attributes = new AttributeSet();
        while (!output.IsEmpty)
        {
            var line = Take(ref output, (byte)'\n');
            if (path is null)
            {
                if (line.IsEmpty)
                    continue;

                if (!line.StartsWith("# file: "u8))
                    throw Malformed(line);

                path = Unquote(line[Prefix.Length..]);
            }
            else if (line.IsEmpty)
            {
                Put(path, attributes.ToString());
                (path, attributes) = (null, new AttributeSet());
            }
            else
            {
                var equals = line.IndexOf((byte)'=');
                var value = equals < 0 ? [] : line[(equals + 1)..];
                attributes.Add(
                    Encoding.Latin1.GetString(Unquote(equals < 0 ? line : line[..equals])),
                    value.StartsWith("0x"u8) ? FromHex(value[2..]) : []
                );
            }
        }

        if (path is not null)
            Put(path, attributes.ToString());
    }

    private static byte[] FromHex(ReadOnlySpan<byte> digits)
    {
        var bytes = new byte[digits.Length / 2];
        return Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done ? bytes : throw Malformed(digits);
    }

    private void Put(ReadOnlySpan<byte> path, string answer)
    {
        for (var i = next; i < paths.Count; i++)
        {
            if (!path.SequenceEqual(paths[i]))
                continue;

            answers[i] = answer;
            next = i + 1;
            return;
        }

        throw Malformed(path);
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> output, byte end)
    {
        var at = output.IndexOf(end);
        if (at < 0)
            throw Malformed(output);

        var record = output[..at];
        output = output[(at + 1)..];
        return record;
    }

    /// <summary>Three octal digits behind a backslash are a byte.</summary>
    private static byte[] Unquote(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.Slice(i + 1, 3).IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0)
            {
                bytes.Add((byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(text[i]);
            }
        }

        return [.. bytes];
    }

    private static InvalidDataException Malformed(ReadOnlySpan<byte> answer) =>
        new($"An answer is none: {Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, 200)])}");
}
