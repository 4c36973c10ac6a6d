using System.Globalization;

namespace LinuxP2V.Engine.Sources.Probing;

/// <param name="Argument">What the section is about: a path, a device; empty for most.</param>
internal sealed record ProbeSection(string Name, string Argument, IReadOnlyList<string> Lines)
{
    /// <summary>name=value lines; the first of a name counts.</summary>
    public string? this[string name] => All(name).FirstOrDefault();

    public IEnumerable<string> All(string name) =>
        Lines
            .Where(line => line.Length > name.Length && line[name.Length] == '=' && line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => line.Substring(name.Length + 1));

    public long? Number(string name) => ProbeText.Number(this[name]);

    /// <summary>What the probe encoded as base64 or hex; null when nothing could be read.</summary>
    public byte[]? Bytes
    {
        get
        {
            var fields = (Lines.Count > 0 ? Lines[0] : "").Split(' ');
            if (fields.Length != 2 || fields[1].Length == 0)
                return null;

            try
            {
                return fields[0] == "base64" ? Convert.FromBase64String(fields[1]) : ProbeText.FromHex(fields[1]);
            }
            catch (FormatException)
            {
                return null;
            }
        }
    }
}

/// <summary>The probe's output, cut at its markers.</summary>
internal sealed class ProbeOutput
{
    private readonly List<ProbeSection> sections;

    private ProbeOutput(List<ProbeSection> sections) => this.sections = sections;

    /// <summary>The probe came to its end.</summary>
    public bool IsComplete => sections.Count > 0 && sections[sections.Count - 1].Name == "end";

    public string LastSection => sections.Count == 0 ? "" : sections[sections.Count - 1].Name;

    public static ProbeOutput Parse(string text, string marker)
    {
        var sections = new List<ProbeSection>();
        var lines = new List<string>();
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            if (!line.StartsWith(marker + " ", StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }

            // The marker begins with a line end of its own, as what precedes may have none.
            if (lines.Count > 0 && lines[lines.Count - 1].Length == 0)
                lines.RemoveAt(lines.Count - 1);

            var words = line.Substring(marker.Length + 1).Split([' '], 2);
            lines = [];
            sections.Add(new ProbeSection(words[0], words.Length > 1 ? words[1].Trim() : "", lines));
        }

        return new ProbeOutput(sections);
    }

    public IEnumerable<ProbeSection> All(string name) => sections.Where(section => section.Name == name);

    public ProbeSection Section(string name, string argument = "") =>
        sections.FirstOrDefault(section => section.Name == name && section.Argument == argument) ?? new ProbeSection(name, argument, []);

    public bool Has(string name) => sections.Any(section => section.Name == name);

    public bool Has(string name, string argument) => sections.Any(section => section.Name == name && section.Argument == argument);

    public IReadOnlyList<string> Lines(string name, string argument = "") => Section(name, argument).Lines;

    public IReadOnlyList<string> File(string path) => Lines("file", path);

    /// <summary>The first line that is not empty.</summary>
    public string? FirstLine(string name, string argument = "") =>
        Lines(name, argument).Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0);
}

internal static class ProbeText
{
    private static readonly char[] Blanks = [' ', '\t'];

    public static long? Number(string? text) =>
        long.TryParse(text?.Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static string[] Words(string line) => line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);

    public static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text!.Trim();

    public static byte[] FromHex(string text)
    {
        if (text.Length % 2 != 0)
            throw new FormatException("An odd number of hex digits.");

        var bytes = new byte[text.Length / 2];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = byte.Parse(text.Substring(i * 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

        return bytes;
    }

    /// <summary>\040 and its like in fstab, mountinfo and swaps. The octets are UTF-8's.</summary>
    public static string UnescapeOctal(string text) => Unescape(text, "\\", 3, 8);

    /// <summary>\x20 and its like in udev's data base.</summary>
    public static string UnescapeHex(string text) => Unescape(text, "\\x", 2, 16);

    private static string Unescape(string text, string lead, int digits, int radix)
    {
        if (text.IndexOf(lead, StringComparison.Ordinal) < 0)
            return text;

        var bytes = new List<byte>();
        var i = 0;
        while (i < text.Length)
        {
            if (
                string.CompareOrdinal(text, i, lead, 0, lead.Length) == 0
                && i + lead.Length + digits <= text.Length
                && TryParse(text.Substring(i + lead.Length, digits), radix, out var value)
            )
            {
                bytes.Add(value);
                i += lead.Length + digits;
                continue;
            }

            bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(text.Substring(i, 1)));
            i++;
        }

        return System.Text.Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool TryParse(string digits, int radix, out byte value)
    {
        value = 0;
        var number = 0;
        foreach (var c in digits)
        {
            var digit =
                c is >= '0' and <= '9' ? c - '0'
                : c is >= 'a' and <= 'f' ? c - 'a' + 10
                : c is >= 'A' and <= 'F' ? c - 'A' + 10
                : 99;
            if (digit >= radix)
                return false;

            number = (number * radix) + digit;
        }

        value = (byte)number;
        return number <= 255;
    }
}
