namespace LinuxP2V.Guest.Network;

/// <summary>Lines of a file with [sections] and key=value lines, as systemd and NetworkManager have them.</summary>
internal sealed class ConfigSections
{
    private ConfigSections(List<ConfigLine> lines) => Lines = lines;

    public List<ConfigLine> Lines { get; }

    public string Text => string.Join("\n", Lines.Select(line => line.Text));

    public static ConfigSections Parse(string text)
    {
        var (section, number) = ("", 0);
        var lines = new List<ConfigLine>();
        foreach (var line in text.Split('\n'))
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith("[", StringComparison.Ordinal) && trimmed.EndsWith("]", StringComparison.Ordinal))
            {
                section = trimmed[1..^1];
                number++;
                lines.Add(new ConfigLine(section, number, null, "", line));
                continue;
            }

            var equals = trimmed.IndexOf('=');
            var isSetting = equals > 0 && trimmed[0] is not ('#' or ';');
            lines.Add(
                isSetting
                    ? new ConfigLine(section, number, trimmed[..equals].Trim(), trimmed[(equals + 1)..].Trim(), line)
                    : new ConfigLine(section, number, null, "", line)
            );
        }

        return new ConfigSections(lines);
    }

    public IEnumerable<ConfigLine> Settings(string section) => Lines.Where(line => line.Section == section && line.Key is not null);
}

/// <param name="Number">Tells sections of one name apart.</param>
/// <param name="Key">Null for a header, a comment or an empty line.</param>
internal sealed record ConfigLine(string Section, int Number, string? Key, string Value, string Text);
