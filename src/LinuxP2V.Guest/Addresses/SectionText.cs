using LinuxP2V.Guest.Network;

namespace LinuxP2V.Guest.Addresses;

/// <summary>Changes the settings of a section and leaves all else as it stands.</summary>
internal static class SectionText
{
    /// <summary>Takes settings out of the sections of a name, and puts lines where the first of them stood.</summary>
    public static void Replace(ConfigSections file, string section, Func<ConfigLine, bool> goes, IReadOnlyList<string> lines)
    {
        var place = file.Lines.FindIndex(IsGoing);
        if (place < 0)
            place = EndOf(file, section, lines.Count > 0);

        file.Lines.RemoveAll(IsGoing);
        file.Lines.InsertRange(Math.Max(place, 0), lines.Select(line => Setting(section, line)));

        bool IsGoing(ConfigLine line) => line.Section == section && line.Key is not null && goes(line);
    }

    /// <summary>Takes whole sections out: those of a name that a test holds for.</summary>
    public static void RemoveSections(ConfigSections file, string section, Func<IReadOnlyList<ConfigLine>, bool> goes)
    {
        var numbers = file.Settings(section)
            .GroupBy(line => line.Number)
            .Where(group => goes([.. group]))
            .Select(group => group.Key)
            .ToList();
        // A comment in it says something of it.
        file.Lines.RemoveAll(line => line.Section == section && numbers.Contains(line.Number));
    }

    public static string? Value(ConfigSections file, string section, string key) =>
        file.Settings(section).LastOrDefault(line => line.Key == key)?.Value;

    /// <returns>The first of several settings that has a value; null where none has.</returns>
    public static string? First(ConfigSections file, string section, IEnumerable<string> keys) =>
        keys.Select(key => Value(file, section, key)).FirstOrDefault(value => !string.IsNullOrEmpty(value));

    /// <returns>The place behind the section's last setting. A section that is not there is made where that is wanted, else -1.</returns>
    private static int EndOf(ConfigSections file, string section, bool isMade)
    {
        var last = file.Lines.FindLastIndex(line => line.Section == section && (line.Key is not null || IsHeader(line)));
        if (last >= 0 || !isMade)
            return last + 1;

        while (file.Lines.Count > 0 && file.Lines[^1].Text.Trim().Length == 0)
            file.Lines.RemoveAt(file.Lines.Count - 1);

        var number = file.Lines.Select(line => line.Number).DefaultIfEmpty(0).Max() + 1;
        file.Lines.Add(new ConfigLine(section, number, null, "", ""));
        file.Lines.Add(new ConfigLine(section, number, null, "", $"[{section}]"));
        file.Lines.Add(new ConfigLine(section, number, null, "", ""));
        return file.Lines.Count - 1;
    }

    private static bool IsHeader(ConfigLine line) => line.Text.TrimStart().StartsWith("[", StringComparison.Ordinal);

    private static ConfigLine Setting(string section, string line)
    {
        var equals = line.IndexOf('=');
        return new ConfigLine(section, 0, line[..equals], line[(equals + 1)..], line);
    }
}
