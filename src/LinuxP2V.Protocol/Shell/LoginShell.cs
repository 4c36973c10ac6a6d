using System.Text;

namespace LinuxP2V.Protocol.Shell;

/// <summary>
/// A command line for sshd, which hands it to the user's login shell. That may be any: bash, dash, zsh, ksh, fish, csh or
/// busybox. Shells differ in what they do inside single quotes: fish takes \' and \\ for one character, csh looks for ! and
/// cannot take a line end. A backslash before digits is left alone by all of them, so all else is written as octal numbers,
/// and printf turns it back.
/// </summary>
public static class LoginShell
{
    /// <summary>Characters that some shell changes inside single quotes, or sh inside the double quotes below.</summary>
    private const string Special = "'\\!\"$`";

    /// <summary>Words that have sh run a script, with the standard input of the command.</summary>
    /// <param name="script">POSIX sh.</param>
    /// <returns>One line of printable ASCII.</returns>
    /// <exception cref="ArgumentException">The script holds a NUL character.</exception>
    public static string Run(string script)
    {
        if (script.IndexOf('\0') >= 0)
            throw new ArgumentException("A script cannot hold a NUL character.", nameof(script));

        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(script))
        {
            if (b == '%')
                encoded.Append("%%");
            else if (b is >= (byte)' ' and <= (byte)'~' && Special.IndexOf((char)b) < 0)
                encoded.Append((char)b);
            else
                encoded.Append('\\').Append(Octal(b));
        }

        return $"sh -c 'eval \"$(printf \"{encoded}\")\"'";
    }

    private static string Octal(byte value) => Convert.ToString(value, 8).PadLeft(3, '0');
}
