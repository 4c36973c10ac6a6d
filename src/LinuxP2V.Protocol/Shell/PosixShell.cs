using System.Text;

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

    /// <summary>
    /// Sets a variable to bytes that need not be text, such as a file's name, in a script that stays plain ASCII. The
    /// script should run in the C locale.
    /// </summary>
    /// <exception cref="ArgumentException">The bytes hold a NUL.</exception>
    public static string Assign(string variable, byte[] value)
    {
        var text = new StringBuilder(variable).Append("=$(printf '");
        foreach (var b in value)
        {
            if (b == 0)
                throw new ArgumentException("A shell word cannot hold a NUL character.", nameof(value));

            text.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
        }

        // The shell takes newlines off the end: the dot keeps the name's own.
        return text.Append(".'); ").Append(variable).Append("=${").Append(variable).Append("%.}").ToString();
    }

    private static bool IsPlain(char c) =>
        c
            is (>= 'a' and <= 'z')
                or (>= 'A' and <= 'Z')
                or (>= '0' and <= '9')
                or '_'
                or '-'
                or '.'
                or '/'
                or ':'
                or '='
                or '+'
                or ','
                or '@';
}
