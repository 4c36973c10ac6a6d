using System.Globalization;
using System.Text;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Storage;

/// <summary>Names of systemd units that stand for paths: srv-data.mount is /srv/data.</summary>
public static class SystemdNames
{
    private static readonly string[] PathSuffixes = [".mount", ".automount", ".swap", ".device"];

    /// <returns>The path of a unit name, or of what is a path already; null for any other unit.</returns>
    public static string? PathOf(string name)
    {
        if (name.StartsWith("/", StringComparison.Ordinal))
            return Encodings.ToName(name);

        var suffix = PathSuffixes.FirstOrDefault(candidate => name.EndsWith(candidate, StringComparison.Ordinal));
        return suffix is null ? null : Encodings.ToName(Unescape(name[..^suffix.Length]));
    }

    /// <summary>The name that systemd-escape --path makes, without a suffix.</summary>
    public static string Escape(string path)
    {
        var plain = path.Trim('/');
        if (plain.Length == 0)
            return "-";

        var result = new StringBuilder();
        for (var index = 0; index < plain.Length; index++)
        {
            var c = plain[index];
            if (c == '/')
                result.Append('-');
            else if (c < 128 && (char.IsLetterOrDigit(c) || c is ':' or '_' || (c == '.' && index > 0)))
                result.Append(c);
            else
                result.Append(string.Concat(Encoding.UTF8.GetBytes(c.ToString()).Select(b => $"\\x{b:x2}")));
        }

        return result.ToString();
    }

    private static string Unescape(string name)
    {
        if (name == "-")
            return "/";

        var result = new StringBuilder("/");
        for (var index = 0; index < name.Length; index++)
        {
            var isCode =
                name[index] == '\\'
                && index + 3 < name.Length
                && name[index + 1] == 'x'
                && byte.TryParse(name.Substring(index + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _);
            if (isCode)
            {
                result.Append((char)byte.Parse(name.Substring(index + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                index += 3;
            }
            else
            {
                result.Append(name[index] == '-' ? '/' : name[index]);
            }
        }

        return result.ToString();
    }
}
