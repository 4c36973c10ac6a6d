using System.Text;

namespace LinuxP2V.Agent.Listing;

/// <summary>Names as tar and find print them in messages.</summary>
internal static class PrintedName
{
    /// <summary>From the volume's root on, with a leading slash.</summary>
    public static string ToPath(string name)
    {
        var path = Encoding.UTF8.GetString(ToBytes(name));
        return path.StartsWith("./", StringComparison.Ordinal) ? path[1..]
            : path == "." ? "/"
            : path;
    }

    /// <summary>Bytes that a source sent, for a message: what is no text, and what a terminal would obey, shows as such.</summary>
    public static string ForPeople(ReadOnlySpan<byte> name)
    {
        const int LongestText = 300;
        var text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, LongestText)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) + (name.Length > LongestText ? "…" : "");
    }

    /// <summary>tar writes odd bytes as \n, \t, \\ or three octal digits.</summary>
    public static byte[] ToBytes(string name)
    {
        var bytes = new List<byte>(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '\\' || i + 1 == name.Length)
            {
                bytes.Add((byte)name[i]);
            }
            else if (i + 3 < name.Length && name.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                bytes.Add((byte)(((name[i + 1] - '0') << 6) | ((name[i + 2] - '0') << 3) | (name[i + 3] - '0')));
                i += 3;
            }
            else
            {
                i++;
                bytes.Add(
                    (byte)(
                        name[i] switch
                        {
                            'n' => '\n',
                            't' => '\t',
                            'r' => '\r',
                            'a' => '\a',
                            'b' => '\b',
                            'f' => '\f',
                            'v' => '\v',
                            var c => c,
                        }
                    )
                );
            }
        }

        return [.. bytes];
    }
}
