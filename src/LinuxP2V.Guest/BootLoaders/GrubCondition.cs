namespace LinuxP2V.Guest.BootLoaders;

/// <summary>The condition of an if in a GRUB menu: GRUB's command test, or [. A part that is not known makes null, not false.</summary>
internal sealed class GrubCondition
{
    private static readonly string[] Comparisons =
    [
        "=",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "-eq",
        "-ne",
        "-lt",
        "-le",
        "-gt",
        "-ge",
        "-nt",
        "-ot",
    ];

    private static readonly string[] FileTests = ["-d", "-e", "-f", "-s"];

    private readonly IReadOnlyList<string> words;
    private readonly Func<string, string?> valueOf;
    private int position;

    private GrubCondition(IReadOnlyList<string> words, Func<string, string?> valueOf) => (this.words, this.valueOf) = (words, valueOf);

    /// <param name="condition">The words behind if.</param>
    /// <param name="valueOf">What a word becomes when its variables are replaced; null where that is not known.</param>
    /// <returns>Null where it cannot be told.</returns>
    public static bool? Evaluate(IReadOnlyList<string> condition, Func<string, string?> valueOf)
    {
        var words = condition switch
        {
            ["[", .., "]"] => condition.Skip(1).Take(condition.Count - 2),
            ["test", ..] => condition.Skip(1),
            _ => null,
        };
        return words is null ? null : new GrubCondition([.. words], valueOf).Evaluate();
    }

    private int Left => words.Count - position;

    private bool? Evaluate()
    {
        var result = Alternatives();
        return Left == 0 ? result : null;
    }

    private bool? Alternatives()
    {
        var result = Conjunction();
        while (Take("-o"))
            result |= Conjunction();

        return result;
    }

    private bool? Conjunction()
    {
        var result = Single();
        while (Take("-a"))
            result &= Single();

        return result;
    }

    private bool? Single()
    {
        if (Left >= 3 && Comparisons.Contains(words[position + 1]))
            return Comparison(Next(), Next(), Next());

        var isNegated = false;
        while (Take("!"))
            isNegated = !isNegated;

        return Plain() is { } isTrue ? isTrue != isNegated : null;
    }

    private bool? Plain()
    {
        if (Left >= 2 && words[position] is "-n" or "-z")
            return Next() == "-z" ? IsEmpty(Next()) : !IsEmpty(Next());

        if (Left >= 2 && FileTests.Contains(words[position]))
        {
            position += 2;
            return null;
        }

        return Left > 0 ? !IsEmpty(Next()) : false;
    }

    private bool? Comparison(string one, string comparison, string other) =>
        comparison is "=" or "==" or "!=" && valueOf(one) is { } left && valueOf(other) is { } right
            ? left == right == (comparison != "!=")
            : null;

    private bool? IsEmpty(string word) => valueOf(word) is { } text ? text.Length == 0 : null;

    private string Next() => words[position++];

    private bool Take(string word)
    {
        if (Left == 0 || words[position] != word)
            return false;

        position++;
        return true;
    }
}
