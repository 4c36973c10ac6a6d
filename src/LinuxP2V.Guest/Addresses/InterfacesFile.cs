namespace LinuxP2V.Guest.Addresses;

/// <summary>
/// The lines of a file that ifup reads, and where its stanzas are. A line that ends with a backslash takes the next one in.
/// </summary>
internal sealed class InterfacesFile
{
    private static readonly char[] Spaces = [' ', '\t', '\r'];

    private static readonly string[] Starts =
    [
        "iface",
        "auto",
        "mapping",
        "source",
        "source-directory",
        "rename",
        "template",
        "no-auto-down",
        "no-scripts",
    ];

    private readonly List<string> lines;

    private InterfacesFile(List<string> lines) => this.lines = lines;

    public string Text => string.Join("\n", lines);

    public static InterfacesFile Parse(string text) => new([.. text.Split('\n')]);

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Stanza> Stanzas
    {
        get
        {
            var starts = Enumerable.Range(0, lines.Count).Where(IsStart).ToList();
            return
            [
                .. starts.Select(
                    (start, index) => new Stanza(this, start, index + 1 < starts.Count ? starts[index + 1] : lines.Count, Words(start))
                ),
            ];
        }
    }

    public void Append(IEnumerable<string> added)
    {
        while (lines.Count > 0 && lines[^1].Trim().Length == 0)
            lines.RemoveAt(lines.Count - 1);

        if (lines.Count > 0)
            lines.Add("");
        lines.AddRange(added);
        lines.Add("");
    }

    private bool IsStart(int index) =>
        !IsContinued(index)
        && Words(index) is [var first, ..]
        && (Starts.Contains(first) || first.StartsWith("allow-", StringComparison.Ordinal));

    private bool IsContinued(int index) => index > 0 && lines[index - 1].TrimEnd('\r').EndsWith("\\", StringComparison.Ordinal);

    private string[] Words(int index) => lines[index].Trim().Split(Spaces, StringSplitOptions.RemoveEmptyEntries);

    /// <param name="Start">Of its first line.</param>
    /// <param name="End">Behind its last line; comments before the next stanza are among them.</param>
    /// <param name="Words">Of its first line.</param>
    internal sealed record Stanza(InterfacesFile File, int Start, int End, IReadOnlyList<string> Words)
    {
        private int Last =>
            Enumerable
                .Range(Start, End - Start)
                .Last(index => index == Start || (File.lines[index].Trim() is { Length: > 0 } line && line[0] != '#'));

        public bool IsInterface => Words.Count > 1 && Words[0] == "iface";

        /// <summary>Empty for a stanza of another kind.</summary>
        public string Interface => IsInterface ? Words[1] : "";

        /// <summary>inet or inet6; empty where it is not named.</summary>
        public string Family => IsInterface && Words.Count > 2 ? Words[2] : "";

        public string Method => IsInterface && Words.Count > 3 ? Words[3] : "";

        /// <summary>Words behind the name of an option; empty where it is not set.</summary>
        public IReadOnlyList<string> Option(params string[] names) =>
            [
                .. Enumerable
                    .Range(Start + 1, End - Start - 1)
                    .Select(File.Words)
                    .Where(words => words.Length > 1 && names.Contains(words[0]))
                    .SelectMany(words => words.Skip(1)),
            ];

        /// <summary>Changes the stanza. It and those behind it must be asked for anew.</summary>
        /// <param name="goes">Options that go, with the lines that they go on in.</param>
        /// <param name="options">That come right behind the first line.</param>
        public void Rewrite(string method, Func<string, bool> goes, IReadOnlyList<string> options)
        {
            var indent = Enumerable
                .Range(Start + 1, Last - Start)
                .Select(index => File.lines[index])
                .Where(line => line.Trim().Length > 0)
                .Select(line => line[..^line.TrimStart().Length])
                .DefaultIfEmpty("\t")
                .First();
            for (var index = Last; index > Start; index--)
            {
                if (File.IsContinued(index) || File.Words(index) is not [var name, ..] || !goes(name))
                    continue;

                var count = 1;
                while (index + count < End && File.IsContinued(index + count))
                    count++;

                File.lines.RemoveRange(index, count);
            }

            var header = File.lines[Start];
            var place = header.LastIndexOf(Method, StringComparison.Ordinal);
            File.lines[Start] = header[..place] + method + header[(place + Method.Length)..];
            File.lines.InsertRange(Start + 1, options.Select(option => indent + option));
        }

        /// <summary>Puts lines before or behind the stanza.</summary>
        public void InsertBefore(IEnumerable<string> added) => File.lines.InsertRange(Start, added);

        /// <inheritdoc cref="InsertBefore"/>
        public void InsertBehind(IEnumerable<string> added) => File.lines.InsertRange(Last + 1, added);
    }
}
