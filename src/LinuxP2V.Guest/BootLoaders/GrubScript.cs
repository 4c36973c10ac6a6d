using System.Text;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>A command of a GRUB menu: its words without quotes, variables as they are written.</summary>
/// <param name="Guards">Conditions that it stands under.</param>
internal sealed record GrubCommand(IReadOnlyList<string> Words, IReadOnlyList<GrubGuard> Guards)
{
    public string Name => Words[0];
}

/// <summary>A branch of an if.</summary>
/// <param name="Condition">Such as [ "${next_entry}" ]; null behind else.</param>
/// <param name="Before">Conditions of the branches before it, none of which may be true.</param>
internal sealed record GrubGuard(IReadOnlyList<string>? Condition, IReadOnlyList<IReadOnlyList<string>> Before)
{
    /// <param name="condition">Null for else.</param>
    public GrubGuard Next(IReadOnlyList<string>? condition) => new(condition, Condition is null ? Before : [.. Before, Condition]);
}

/// <summary>menuentry or submenu.</summary>
/// <param name="Entries">Of a submenu.</param>
/// <param name="Guards">Conditions that it stands under.</param>
/// <param name="CommandsBefore">How many commands of the same block stand before it.</param>
internal sealed record GrubEntry(
    string Title,
    string? Id,
    bool IsSubmenu,
    IReadOnlyList<GrubEntry> Entries,
    IReadOnlyList<GrubCommand> Commands,
    IReadOnlyList<GrubGuard> Guards,
    int CommandsBefore
);

/// <summary>What a GRUB menu says: its entries, and the commands outside of them.</summary>
internal sealed class GrubScript
{
    /// <summary>Menus have two levels; a text with more brackets than this is none, and must not exhaust the stack.</summary>
    private const int MostDepth = 16;

    private readonly GrubLexer lexer;
    private int depth;

    private GrubScript(string text) => lexer = new GrubLexer(text);

    public List<GrubEntry> Entries { get; } = [];

    public List<GrubCommand> Commands { get; } = [];

    /// <summary>Whether GRUB reads entries of the Boot Loader Specification besides.</summary>
    public bool HasBlsEntries => Commands.Any(command => command.Name == "blscfg");

    /// <summary>Entries at any depth.</summary>
    public IEnumerable<GrubEntry> AllEntries => Entries.SelectMany(WithInner);

    public IEnumerable<GrubCommand> AllCommands => Commands.Concat(AllEntries.SelectMany(entry => entry.Commands));

    public static GrubScript Parse(string text)
    {
        var script = new GrubScript(text);
        script.ReadBlock(script.Entries, script.Commands);
        // What follows a bracket too many is read all the same.
        while (!script.lexer.IsAtEnd)
            script.ReadBlock(script.Entries, script.Commands);

        return script;
    }

    private static IEnumerable<GrubEntry> WithInner(GrubEntry entry) => entry.Entries.SelectMany(WithInner).Prepend(entry);

    private void ReadBlock(List<GrubEntry> entries, List<GrubCommand> commands)
    {
        var guards = new List<GrubGuard>();
        while (lexer.ReadCommand() is var (words, end))
        {
            if (words.Count > 0)
                ReadCommand(words, end == GrubLexer.BlockStart, entries, commands, guards);
            else if (end == GrubLexer.BlockStart)
                ReadInner(entries, commands);

            if (end is GrubLexer.BlockEnd or GrubLexer.End)
                return;
        }
    }

    private void ReadInner(List<GrubEntry> entries, List<GrubCommand> commands)
    {
        if (depth >= MostDepth)
            return;

        depth++;
        ReadBlock(entries, commands);
        depth--;
    }

    private void ReadCommand(
        IReadOnlyList<string> words,
        bool opensBlock,
        List<GrubEntry> entries,
        List<GrubCommand> commands,
        List<GrubGuard> guards
    )
    {
        var rest = Unconditional(words, guards);
        if (opensBlock)
            ReadEntry(rest, entries, [.. guards], commands.Count);
        else if (rest.Count > 0)
            commands.Add(new GrubCommand(rest, [.. guards]));
    }

    private void ReadEntry(IReadOnlyList<string> words, List<GrubEntry> entries, IReadOnlyList<GrubGuard> guards, int commandsBefore)
    {
        var inner = new List<GrubEntry>();
        var commands = new List<GrubCommand>();
        ReadInner(inner, commands);
        if (words is ["menuentry" or "submenu", ..])
        {
            var (title, id) = Names(words);
            entries.Add(new GrubEntry(title, id, words[0] == "submenu", inner, commands, guards, commandsBefore));
        }
    }

    private static (string Title, string? Id) Names(IReadOnlyList<string> words)
    {
        string? title = null;
        string? id = null;
        for (var index = 1; index < words.Count; index++)
        {
            if (words[index] is "--id" or "$menuentry_id_option" or "${menuentry_id_option}")
                id = ++index < words.Count ? words[index] : null;
            else if (words[index].StartsWith("--id=", StringComparison.Ordinal))
                id = words[index]["--id=".Length..];
            else if (words[index] is "--class" or "--users" or "--hotkey")
                index++;
            else if (!words[index].StartsWith("--", StringComparison.Ordinal))
                title ??= words[index];
        }

        return (title ?? "", id);
    }

    /// <summary>Keeps account of if, else and fi, and passes on the command behind them.</summary>
    private static IReadOnlyList<string> Unconditional(IReadOnlyList<string> words, List<GrubGuard> guards)
    {
        while (words.Count > 0)
        {
            switch (words[0])
            {
                case "if" when guards.Count >= MostDepth:
                    return [];
                case "if":
                    guards.Add(new GrubGuard([.. words.Skip(1)], []));
                    return [];
                case "elif" when guards.Count > 0:
                    guards[guards.Count - 1] = guards[guards.Count - 1].Next([.. words.Skip(1)]);
                    return [];
                case "else" when guards.Count > 0:
                    guards[guards.Count - 1] = guards[guards.Count - 1].Next(null);
                    break;
                case "fi" when guards.Count > 0:
                    guards.RemoveAt(guards.Count - 1);
                    break;
                case "then" or "do" or "done" or "else" or "elif" or "fi":
                    break;
                default:
                    return words;
            }

            words = [.. words.Skip(1)];
        }

        return words;
    }
}

/// <summary>Cuts a GRUB script into commands.</summary>
internal sealed class GrubLexer(string text)
{
    public const char BlockStart = '{';
    public const char BlockEnd = '}';
    public const char End = '\0';

    private int position;

    public bool IsAtEnd => position >= text.Length;

    /// <returns>Words of the next command and what ended it: a new line, a bracket, the end. Null at the end of the text.</returns>
    public (IReadOnlyList<string> Words, char End)? ReadCommand()
    {
        if (IsAtEnd)
            return null;

        var words = new List<string>();
        while (!IsAtEnd)
        {
            var c = text[position];
            if (c != '\n' && char.IsWhiteSpace(c))
                position++;
            else if (c == '#')
                SkipLine();
            else if (c is '\n' or ';')
            {
                position++;
                return (words, '\n');
            }
            else if (c is BlockStart or BlockEnd)
            {
                position++;
                return (words, c);
            }
            else
                words.Add(ReadWord());
        }

        return (words, End);
    }

    private void SkipLine()
    {
        var end = text.IndexOf('\n', position);
        position = end < 0 ? text.Length : end;
    }

    private string ReadWord()
    {
        var word = new StringBuilder();
        while (!IsAtEnd && !(char.IsWhiteSpace(text[position]) || text[position] is ';' or BlockStart or BlockEnd))
        {
            var c = text[position++];
            if (c == '\\' && !IsAtEnd)
            {
                if (text[position] != '\n')
                    word.Append(text[position]);
                position++;
            }
            else if (c is '\'' or '"')
                ReadQuoted(c, word);
            else if (c == '$' && !IsAtEnd && text[position] == '{')
                ReadVariable(word);
            else
                word.Append(c);
        }

        return word.ToString();
    }

    private void ReadVariable(StringBuilder word)
    {
        var end = text.IndexOf('}', position);
        var stop = end < 0 ? text.Length : end + 1;
        word.Append('$').Append(text, position, stop - position);
        position = stop;
    }

    private void ReadQuoted(char quote, StringBuilder word)
    {
        while (!IsAtEnd && text[position] != quote)
        {
            if (quote == '"' && text[position] == '\\' && position + 1 < text.Length && "\"\\$".IndexOf(text[position + 1]) >= 0)
                position++;
            word.Append(text[position++]);
        }

        position++;
    }
}
