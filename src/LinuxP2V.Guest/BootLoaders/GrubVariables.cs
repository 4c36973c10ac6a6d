using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>
/// GRUB's variables, as far as a menu's own commands set them. A search leaves a device that is named by what was looked
/// for: uuid:…, label:… or file:….
/// </summary>
internal sealed class GrubVariables
{
    private static readonly Regex Variable = new(
        @"\$(?:\{(?<name>[^}]*)\}|(?<name>[A-Za-z_][A-Za-z0-9_]*|\?))",
        RegexOptions.CultureInvariant
    );

    /// <summary>A variable may be set without the command set.</summary>
    private static readonly Regex Assignment = new(@"^(?<name>[A-Za-z_]\w*)=", RegexOptions.CultureInvariant);

    private const int MostCharacters = 4096;

    private readonly Dictionary<string, string> values;

    /// <summary>GRUB sets them itself, so that the menu's own commands do not tell whether they are empty.</summary>
    private static readonly Regex OfGrub = new(
        @"^(?:\?|\d+|[@#*]|root|prefix|cmdpath|config_(?:directory|file)|grub_(?:cpu|platform)|fw_path|lang|locale_dir|chosen|theme|timeout"
            + @"|biosnum|shim_lock|lockdown|check_signatures|(?:feature|net|pxe|color|gfx|tpm)_?\w*)$",
        RegexOptions.CultureInvariant
    );

    /// <summary>By the condition itself, each of which stands once in a menu.</summary>
    private readonly Dictionary<IReadOnlyList<string>, bool?> truths = [];

    public GrubVariables(IReadOnlyDictionary<string, string> environment) =>
        values = environment.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);

    private GrubVariables(Dictionary<string, string> values) =>
        this.values = new Dictionary<string, string>(values, StringComparer.Ordinal);

    public string? this[string name] => values.TryGetValue(name, out var value) ? value : null;

    public GrubVariables Copy() => new(values);

    public GrubVariables With(string name, string value)
    {
        values[name] = value;
        return this;
    }

    public void Run(IEnumerable<GrubCommand> commands)
    {
        foreach (var command in commands.Where(Holds))
            Run(command);
    }

    /// <returns>Null where a variable in it is not known.</returns>
    public string? Expand(string word)
    {
        var isKnown = true;
        var result = Variable.Replace(
            word,
            match =>
            {
                var value = this[match.Groups["name"].Value];
                isKnown &= value is not null;
                return value ?? "";
            }
        );
        return isKnown ? result : null;
    }

    /// <summary>Unknown variables are empty, as they are to GRUB.</summary>
    public string ExpandAll(string word) => Variable.Replace(word, match => this[match.Groups["name"].Value] ?? "");

    /// <summary>Whether GRUB comes there. Where a condition cannot be told both of its sides are taken.</summary>
    public bool Holds(GrubCommand command) => Holds(command.Guards);

    /// <inheritdoc cref="Holds(GrubCommand)"/>
    public bool Holds(IReadOnlyList<GrubGuard> guards) =>
        guards.All(guard =>
            guard.Before.All(condition => Truth(condition) != true) && (guard.Condition is null || Truth(guard.Condition) != false)
        );

    /// <summary>The commands behind a condition may change what it asks for; what it was before them counts.</summary>
    private bool? Truth(IReadOnlyList<string> condition)
    {
        if (!truths.TryGetValue(condition, out var isTrue))
            truths[condition] = isTrue = GrubCondition.Evaluate(condition, Value);

        return isTrue;
    }

    /// <returns>What GRUB puts in the place of a word; null where that is not known.</returns>
    private string? Value(string word)
    {
        var isKnown = true;
        var result = Variable.Replace(
            word,
            match =>
            {
                var name = match.Groups["name"].Value;
                isKnown &= this[name] is not null || !OfGrub.IsMatch(name);
                return this[name] ?? "";
            }
        );
        return isKnown ? result : null;
    }

    private void Run(GrubCommand command)
    {
        var words = command.Words;
        if (words[0] == "set" && words.Count > 1 && words[1].IndexOf('=') is > 0 and var split)
            Set(words[1][..split], words[1][(split + 1)..]);
        else if (words is [var word] && Assignment.Match(word) is { Success: true } assignment)
            Set(assignment.Groups["name"].Value, word[assignment.Length..]);
        else if (words[0] == "unset")
            values.Remove(words[words.Count - 1]);
        else if (words[0] == "search")
            Search(words);
        else if (words[0].StartsWith("search.fs_", StringComparison.Ordinal) && words.Count > 1)
            values[words.Count > 2 ? words[2] : "root"] = (words[0] == "search.fs_label" ? "label:" : "uuid:") + ExpandAll(words[1]);
        else if (words[0] == "search.file" && words.Count > 1)
            values[words.Count > 2 ? words[2] : "root"] = "file:" + ExpandAll(words[1]);
    }

    private void Set(string name, string value)
    {
        // One that names itself twice would double with each line.
        if (Expand(value) is { Length: <= MostCharacters } known)
            values[name] = name == "root" ? known.Trim('(', ')') : known;
        else
            values.Remove(name);
    }

    /// <summary>The variable's name may stand behind --set, as one of two words, or be left out.</summary>
    private void Search(IReadOnlyList<string> words)
    {
        var plain = new List<string>();
        var name = "root";
        var kind = "uuid:";
        string? afterSet = null;
        for (var index = 1; index < words.Count; index++)
        {
            var word = words[index];
            if (word.StartsWith("--set=", StringComparison.Ordinal))
                name = word["--set=".Length..];
            else if (word is "--label" or "-l")
                kind = "label:";
            else if (word is "--file" or "-f")
                kind = "file:";
            else if (word is "--hint" or "-h")
                index++;
            else if (word is "--set" or "-s" && index + 1 < words.Count)
                afterSet = words[index + 1];
            else if (!word.StartsWith("-", StringComparison.Ordinal))
                plain.Add(word);
        }

        if (plain.Count > 1 && afterSet is not null && plain.Remove(afterSet))
            name = afterSet;

        if (plain.Count > 0)
            values[name] = kind + ExpandAll(plain[0]);
    }
}
