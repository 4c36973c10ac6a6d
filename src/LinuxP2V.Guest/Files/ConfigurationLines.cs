namespace LinuxP2V.Guest.Files;

/// <summary>Keeps the time of a search in a file within bounds, whoever wrote it.</summary>
internal static class ConfigurationLines
{
    /// <summary>No line of a configuration that a person or a program wrote is longer.</summary>
    private const int Longest = 8 << 10;

    /// <summary>
    /// The text without lines that are too long to be a setting; patterns that search within a line take the square of
    /// its length.
    /// </summary>
    public static string OfUsualLength(string text) =>
        text.Length <= Longest ? text : string.Join("\n", text.Split('\n').Where(line => line.Length <= Longest));
}
