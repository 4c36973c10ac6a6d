namespace LinuxP2V.Protocol.Shell;

/// <summary>Everything that goes into a shell, on the source or in the helper, is quoted here and nowhere else.</summary>
public static class PosixShell
{
    /// <summary>Quotes one word for a POSIX shell. NUL cannot stand in an argument.</summary>
    /// <exception cref="ArgumentException">The word holds a NUL character.</exception>
    public static string Quote(string word)
    {
        if (word.IndexOf('\0') >= 0)
        {
            throw new ArgumentException("A shell word cannot hold a NUL character.", nameof(word));
        }

        return word.Length > 0 && word.All(IsPlain) ? word : $"'{word.Replace("'", "'\\''")}'";
    }

    /// <summary>Quotes each word and joins them with spaces.</summary>
    public static string Join(params IEnumerable<string> words) => string.Join(" ", words.Select(Quote));

    private static bool IsPlain(char c) =>
        c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '-' or '.' or '/' or ':' or '=' or '+' or ',' or '@';
}
