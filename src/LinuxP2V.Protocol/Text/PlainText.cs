using System.Text;

namespace LinuxP2V.Protocol.Text;

/// <summary>
/// Text of a source made safe to show. A terminal obeys control characters: they can move its cursor, set its title or type
/// for its user. Here they become readable: \x1b.
/// </summary>
public static class PlainText
{
    /// <summary>For one line: a name, a cell of a table. Line ends and tabs become readable as well.</summary>
    public static string Line(string text) => Replace(text, keepsLines: false);

    /// <summary>For a message: line ends and tabs stay.</summary>
    public static string Lines(string text) => Replace(text, keepsLines: true);

    /// <summary>Whether <see cref="Line"/> would leave the text as it is.</summary>
    public static bool IsPlain(string text) => !text.Any(IsActive);

    private static string Replace(string text, bool keepsLines)
    {
        if (IsPlain(text))
            return text;

        var plain = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (!IsActive(c) || (keepsLines && c is '\n' or '\t'))
                plain.Append(c);
            else
                plain.Append(c < 0x100 ? $"\\x{(int)c:x2}" : $"\\u{(int)c:x4}");
        }

        return plain.ToString();
    }

    /// <summary>Control characters, and those that turn the direction of text around.</summary>
    private static bool IsActive(char c) =>
        char.IsControl(c) || c is '\u200e' or '\u200f' or '\u061c' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
