namespace LinuxP2V.Guest.Shell;

/// <summary>The pieces of a word, and where it ends: a closing quote is no piece.</summary>
internal sealed class ShellWordPieces : List<ShellPiece>
{
    public int End { get; set; }
}

/// <summary>Reads a shell's text word by word, quotes, escapes and expansions as POSIX has them.</summary>
internal sealed class ShellWordReader(string text)
{
    private int position;
    private int region;

    /// <summary>A quote or a bracket is open at the end.</summary>
    public bool IsBroken { get; private set; }

    public bool IsAtEnd => position >= text.Length;

    public char Current => text[position];

    public char Next => position + 1 < text.Length ? text[position + 1] : '\0';

    public void Skip(int count) => position = Math.Min(position + count, text.Length);

    public void SkipLine()
    {
        var end = text.IndexOf('\n', position);
        position = end < 0 ? text.Length : end;
    }

    /// <summary>Past the line that is the given word, as here-documents end.</summary>
    public void SkipThroughLine(string word)
    {
        while (!IsAtEnd)
        {
            var start = position;
            SkipLine();
            var line = text[start..position].Trim();
            Skip(1);
            if (line == word)
                return;
        }
    }

    public ShellWordPieces ReadWord()
    {
        var pieces = new ShellWordPieces();
        region++;
        while (!IsAtEnd && !EndsWord(Current, pieces))
        {
            switch (Current)
            {
                case '\'':
                    ReadSingle(pieces);
                    break;
                case '"':
                    ReadDouble(pieces);
                    break;
                case '\\' when Next == '\n':
                    Skip(2);
                    break;
                case '\\' when position + 1 < text.Length:
                    Add(pieces, text[position + 1].ToString(), 2, ShellQuote.None);
                    break;
                case '$' or '`':
                    ReadExpansion(pieces, ShellQuote.None);
                    break;
                case '(':
                    ReadBrackets(pieces, ShellQuote.None, position, position, '(', ')');
                    break;
                default:
                    Add(pieces, Current.ToString(), 1, ShellQuote.None);
                    break;
            }
        }

        pieces.End = position;
        return pieces;
    }

    /// <summary>A bracket right behind an equals sign opens a list of bash.</summary>
    private static bool EndsWord(char c, ShellWordPieces pieces) =>
        c is ' ' or '\t' or '\n' or '\r' or ';' or '&' or '|' or ')' or '<' or '>'
        || (c == '(' && (pieces.Count == 0 || pieces[pieces.Count - 1].Text != "="));

    private void ReadSingle(ShellWordPieces pieces)
    {
        region++;
        var end = text.IndexOf('\'', position + 1);
        IsBroken |= end < 0;
        Skip(1);
        while (position < (end < 0 ? text.Length : end))
            Add(pieces, Current.ToString(), 1, ShellQuote.Single);

        Skip(1);
        region++;
    }

    private void ReadDouble(ShellWordPieces pieces)
    {
        region++;
        Skip(1);
        while (!IsAtEnd && Current != '"')
        {
            if (Current == '\\' && Next == '\n')
                Skip(2);
            else if (Current == '\\' && Next is '"' or '\\' or '$' or '`')
                Add(pieces, Next.ToString(), 2, ShellQuote.Double);
            else if (Current is '$' or '`')
                ReadExpansion(pieces, ShellQuote.Double);
            else
                Add(pieces, Current.ToString(), 1, ShellQuote.Double);
        }

        IsBroken |= IsAtEnd;
        Skip(1);
        region++;
    }

    private void ReadExpansion(ShellWordPieces pieces, ShellQuote quote)
    {
        var start = position;
        if (Current == '`')
        {
            Skip(1);
            while (!IsAtEnd && Current != '`')
                Skip(Current == '\\' ? 2 : 1);
            IsBroken |= IsAtEnd;
            Skip(1);
            AddExpansion(pieces, start, quote, null);
        }
        else if (Next == '{')
            ReadBrackets(pieces, quote, start, position + 1, '{', '}');
        else if (Next == '(')
            ReadBrackets(pieces, quote, start, position + 1, '(', ')');
        else if (Next == '\'' && quote == ShellQuote.None)
            ReadEscapes(pieces, start);
        else
            ReadVariable(pieces, start, quote);
    }

    private void ReadVariable(ShellWordPieces pieces, int start, ShellQuote quote)
    {
        Skip(1);
        var end = position;
        while (end < text.Length && text[end] < 128 && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
            end++;

        if (end == position)
        {
            var isSpecial = !IsAtEnd && "?*@#!$-".IndexOf(Current) >= 0;
            position = start;
            if (isSpecial)
            {
                Skip(2);
                AddExpansion(pieces, start, quote, null);
            }
            else
            {
                Add(pieces, "$", 1, quote);
            }

            return;
        }

        var name = text[position..end];
        position = end;
        AddExpansion(pieces, start, quote, name);
    }

    /// <summary>bash's $'…', which other shells do not know.</summary>
    private void ReadEscapes(ShellWordPieces pieces, int start)
    {
        Skip(2);
        while (!IsAtEnd && Current != '\'')
            Skip(Current == '\\' ? 2 : 1);
        IsBroken |= IsAtEnd;
        Skip(1);
        AddExpansion(pieces, start, ShellQuote.None, null);
    }

    private void ReadBrackets(ShellWordPieces pieces, ShellQuote quote, int start, int open, char opening, char closing)
    {
        position = open;
        var depth = 0;
        do
        {
            if (Current == opening)
                depth++;
            else if (Current == closing)
                depth--;
            else if (Current == '\\')
                Skip(1);
            else if (Current is '\'' && quote == ShellQuote.None)
                SkipQuoted();

            Skip(1);
        } while (depth > 0 && !IsAtEnd);

        IsBroken |= depth > 0;
        var inner = text[Math.Min(open + 1, position)..Math.Max(Math.Min(open + 1, position), position - 1)];
        var isPlain = opening == '{' && inner.Length > 0 && inner.All(c => c < 128 && (char.IsLetterOrDigit(c) || c == '_'));
        AddExpansion(pieces, start, quote, isPlain ? inner : null);
    }

    private void SkipQuoted()
    {
        var end = text.IndexOf(Current, position + 1);
        IsBroken |= end < 0;
        position = end < 0 ? text.Length : end;
    }

    private void Add(ShellWordPieces pieces, string value, int length, ShellQuote quote)
    {
        pieces.Add(new ShellPiece(value, position, position + length, quote, region));
        Skip(length);
    }

    private void AddExpansion(ShellWordPieces pieces, int start, ShellQuote quote, string? variable) =>
        pieces.Add(new ShellPiece(text[start..position], start, position, quote, region, IsExpansion: true, variable));
}
