using System.Text;

namespace LinuxP2V.Guest.Storage;

/// <summary>A setting of lvm.conf.</summary>
/// <param name="Path">With its section: devices/filter.</param>
/// <param name="Values">One value, or those of a list, without quotes.</param>
/// <param name="Start">Where the value begins in the file.</param>
internal sealed record LvmSetting(string Path, IReadOnlyList<string> Values, int Start, int End);

/// <summary>Reads lvm.conf by its grammar: sections, lists over several lines, comments anywhere, escapes in strings.</summary>
internal sealed class LvmConfiguration
{
    /// <summary>LVM's own settings have two levels.</summary>
    private const int MostDepth = 16;

    private readonly string text;
    private readonly List<LvmSetting> settings = [];
    private readonly Stack<string> sections = new();
    private int position;

    private LvmConfiguration(string text) => this.text = text;

    /// <summary>Settings in order; of several of one path the last one counts.</summary>
    public static IReadOnlyList<LvmSetting> Read(string text)
    {
        var reader = new LvmConfiguration(text);
        reader.Read();
        return reader.settings;
    }

    private void Read()
    {
        while (SkipBlanks() && sections.Count < MostDepth)
        {
            if (text[position] == '}')
            {
                position++;
                if (sections.Count > 0)
                    sections.Pop();
            }
            else
            {
                ReadItem();
            }
        }
    }

    private void ReadItem()
    {
        var name = ReadName();
        if (name.Length == 0 || !SkipBlanks())
        {
            position++;
            return;
        }

        if (text[position] == '{')
        {
            position++;
            sections.Push(name);
        }
        else if (text[position] == '=')
        {
            position++;
            SkipBlanks();
            var start = position;
            var values = ReadValue();
            settings.Add(new LvmSetting(string.Join("/", sections.Reverse().Append(name)), values, start, position));
        }
    }

    private List<string> ReadValue()
    {
        var values = new List<string>();
        if (position >= text.Length || text[position] != '[')
        {
            values.Add(ReadScalar());
            return values;
        }

        position++;
        while (SkipBlanks() && text[position] != ']')
        {
            if (text[position] == ',')
                position++;
            else
                values.Add(ReadScalar());
        }

        position = Math.Min(position + 1, text.Length);
        return values;
    }

    private string ReadScalar()
    {
        if (position >= text.Length)
            return "";

        var quote = text[position];
        if (quote is not '"' and not '\'' and not '@')
            return ReadPlain();

        // A name with @ before a string is one more way to write the string.
        if (quote == '@' && (position + 1 >= text.Length || text[position + 1] != '"'))
            return ReadPlain();

        position += quote == '@' ? 2 : 1;
        var end = quote == '@' ? '"' : quote;
        var result = new StringBuilder();
        while (position < text.Length && text[position] != end)
        {
            if (end == '"' && text[position] == '\\' && position + 1 < text.Length && text[position + 1] is '"' or '\\')
                position++;
            result.Append(text[position++]);
        }

        position = Math.Min(position + 1, text.Length);
        return result.ToString();
    }

    private string ReadPlain()
    {
        var start = position++;
        while (position < text.Length && !char.IsWhiteSpace(text[position]) && ",]}#".IndexOf(text[position]) < 0)
            position++;
        return text[start..position];
    }

    /// <summary>A section or setting; devices/filter on one line is a name too.</summary>
    private string ReadName()
    {
        var start = position;
        while (position < text.Length && !char.IsWhiteSpace(text[position]) && "={}#[]\"".IndexOf(text[position]) < 0)
            position++;
        return text[start..position];
    }

    /// <returns>False at the end of the text.</returns>
    private bool SkipBlanks()
    {
        while (position < text.Length && (char.IsWhiteSpace(text[position]) || text[position] == '#'))
        {
            if (text[position] == '#')
            {
                var end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end;
            }
            else
            {
                position++;
            }
        }

        return position < text.Length;
    }
}
