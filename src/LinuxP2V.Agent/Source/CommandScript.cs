using System.Globalization;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// The script that is run on the source around another one. It writes a mark to standard error when it starts and when it
/// ends, and one to standard output when it starts. It does not outlive its connection.
/// </summary>
internal static class CommandScript
{
    public const string StartedMark = "linuxp2v-started";
    public const string EndMark = "linuxp2v-exit ";

    /// <summary>A line of standard error: all of the input was handed on.</summary>
    public const string InputDone = "linuxp2v-input-done";

    /// <summary>A line of standard error: the source has no program that hands on the input.</summary>
    public const string NoInput = "linuxp2v-no-input";

    public static string Around(string script, CommandInput input) =>
        input.WriteAsync is null ? WithKeeper(script, input.Bytes.Length) : Marked(script, "");

    /// <summary>
    /// sshd closes a command's standard input when its connection or its lane ends, and leaves the command alone: one that
    /// writes nothing, as a checksum does for hours, would never know. So the input stays open as long as the command is
    /// wanted. The keeper hands the input's own bytes on and waits for its end, which comes only when nobody wants the command any
    /// more; then it ends the process group, which sshd makes for each command. It starts no program to wait.
    /// </summary>
    private static string WithKeeper(string script, int inputBytes)
    {
        var pass = inputBytes == 0 ? "exec 9>&-" : HandOn(inputBytes);
        // The number tells which process to end: $$ is the shell's before it. That shell would say that it was killed: what it
        // says itself goes nowhere.
        return $$"""
            {
            {
              read -r self rest </proc/self/stat; echo "$self"
              {{pass}}
              exec >&-
              while read -r rest; do :; done
              trap '' HUP INT TERM PIPE
              kill -TERM 0; sleep 2; kill -KILL 0
            } | {
            exec 2>&9 9>&-
            read -r keeper
            {{Marked(script, "kill -KILL \"$keeper\" 2>/dev/null; ")}}
            }
            } 9>&2 2>/dev/null
            """;
    }

    /// <summary>
    /// Hands on so many bytes, and says so before the script can see the end of them: with less, a command would find little to
    /// do and end well. Old programs named head take no -c, and find that out before they read anything; dd takes the bytes one
    /// by one. Where there is neither, nothing may run.
    /// </summary>
    private static string HandOn(int bytes) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            head -c {{bytes}} 9>&-; rc=$?
            if [ $rc -gt 0 ] && [ $rc -lt 128 ]; then dd bs=1 count={{bytes}} 9>&-; rc=$?; fi
            case $rc in
              0) printf '\n{{InputDone}}\n' >&9 ;;
              12[67]) printf '\n{{NoInput}}\n' >&9; sleep 1; kill -KILL 0 ;;
            esac
            exec 9>&-
            """
        );

    /// <summary>Each mark begins a line, also where the last one was not ended.</summary>
    private static string Marked(string script, string atEnd) =>
        $"printf '\\n{StartedMark}\\n' >&2; {ScriptOutput.MarkCommand}; ( {script}\n ); rc=$?; "
        + $"{atEnd}printf '\\n{EndMark}%s\\n' $rc >&2; exit $rc";
}
