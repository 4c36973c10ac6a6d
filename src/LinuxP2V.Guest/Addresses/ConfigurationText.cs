using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Addresses;

/// <summary>Keeps the time and the memory of a change within bounds, whoever wrote the file.</summary>
internal static class ConfigurationText
{
    private const int Longest = 1 << 20;
    private const int LongestLine = 8 << 10;

    /// <returns>Empty where there is no such file.</returns>
    /// <exception cref="ConfigurationTooLongException">It is longer than what people and installers write.</exception>
    public static string Read(GuestTree files, string path)
    {
        var text = files.TryReadText(path) ?? "";
        return text.Length <= Longest && text.Split('\n').All(line => line.Length <= LongestLine)
            ? text
            : throw new ConfigurationTooLongException(path);
    }
}

/// <summary>A file that is not changed, since no configuration is so long.</summary>
internal sealed class ConfigurationTooLongException(string path) : Exception($"{path} is longer than a network's configuration.");
