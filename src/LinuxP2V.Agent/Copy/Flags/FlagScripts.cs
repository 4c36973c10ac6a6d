using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Copy.Flags;

/// <summary>
/// Ask lsattr for flags and path of files that have something worth keeping: a record each with a NUL behind it. Names that
/// hold a newline are asked one at a time, as lsattr separates by newlines. lsattr fails for single files that are gone or
/// have no flags.
/// </summary>
internal static class FlagScripts
{
    private const string NewLineName = "'*\n*'";

    /// <summary>Project numbers too, where lsattr and the file system know them.</summary>
    private const string Begin = """
        export LC_ALL=C
        p=-p
        lsattr -pd . >/dev/null 2>&1 || p=
        """;

    private const string Filter = $"{{ grep -aE '^ *([1-9][0-9]* |([0-9]+ +)?[^ ]*[{FlagSet.Kept}])' | tr '\\n' '\\0'; }}";

    private const string OneByOne = """
        p=$0
        for f do
          flags=$(lsattr $p -d "$f" 2>/dev/null | sed -n '1s|  *\.\(/.*\)\{0,1\}$||p')
          [ -z "$flags" ] || printf '%s %s\0' "$flags" "$f"
        done
        """;

    /// <summary>
    /// Of all files below the working folder. find ends with 1 when lsattr failed for single files, and with more when it
    /// was ended itself: then this ends with 2.
    /// </summary>
    public static string All { get; } =
        $$"""
            {{Begin}}
            { rc=$( { {
              find . -xdev \( -type f -o -type d \) ! -path {{NewLineName}} -exec lsattr $p -d {} + 2>/dev/null 3>&- 4>&-
              echo $? >&3; } | {{Filter}} >&4 3>&- 4>&-; } 3>&1 ); } 4>&1
            [ "${rc:-2}" -le 1 ] || exit 2
            find . -xdev \( -type f -o -type d \) -path {{NewLineName}} -exec sh -c {{PosixShell.Quote(OneByOne)}} "$p" {} + 2>/dev/null
            [ $? -le 1 ] || exit 2
            """;

    /// <summary>
    /// Of files whose names come with a NUL behind each and hold no newline. xargs ends with 123 when lsattr failed for
    /// single files.
    /// </summary>
    public static string Named { get; } =
        $$"""
            {{Begin}}
            { rc=$( { { xargs -0 lsattr $p -d 2>/dev/null 3>&- 4>&-; echo $? >&3; } | {{Filter}} >&4 3>&- 4>&-; } 3>&1 ); } 4>&1
            case ${rc:-2} in 0|123) ;; *) exit 2 ;; esac
            """;

    /// <inheritdoc cref="Named"/>
    /// <remarks>The names may hold newlines.</remarks>
    public static string NamedOddly { get; } =
        $$"""
            {{Begin}}
            xargs -0 sh -c {{PosixShell.Quote(OneByOne)}} "$p"
            case $? in 0|123) ;; *) exit 2 ;; esac
            """;
}
