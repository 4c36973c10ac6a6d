using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Engine.Sources;

/// <summary>
/// Runs a script of the admin's on a source, as root by the way that the copy uses. It is in no argument list and no file there,
/// and knows no secret of ours: its standard input is empty.
/// </summary>
internal static class SourceHook
{
    /// <summary>What a script prints beyond it is read and forgotten.</summary>
    private const int MostBytes = 256 << 10;

    private const int LongestLine = 1000;

    /// <summary>For the login and for the end of a script that is told to end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <param name="console">Gets what it prints, a line each, with control characters as text.</param>
    /// <returns>Its exit code; null where it did not end in time.</returns>
    /// <exception cref="P2VException">
    /// SourceUnreachable, SourceAuthenticationFailed and the like; SourceConnectionLost, SourceProbeFailed: it did not run.
    /// </exception>
    public static async Task<int?> RunAsync(
        HookScript hook,
        SourceEndpoint source,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        using var connection = await SshConnection
            .ConnectAsync(SourceTarget.Of(source, secrets), console, cancellationToken)
            .ConfigureAwait(false);
        var shell = new SourceShell(connection, source.Host, Grace);
        var limit = TimeSpan.FromSeconds(hook.TimeoutSeconds);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit + Grace);
        var clock = Stopwatch.StartNew();
        SshResult result;
        try
        {
            result = await shell
                .RunAsync(
                    $"the {hook}",
                    "exec sh",
                    source.Elevation,
                    ElevatedCommand.InputPreamble(source.Elevation, secrets.SudoPassword ?? secrets.Password) + Script(hook, shell.Marker),
                    limit + Grace + Grace,
                    limited.Token
                )
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A source without the program timeout.
            return null;
        }

        var (output, code) = Read(result.Output, shell.Marker);
        foreach (var line in output)
            console.Verbose($"{hook}: {PlainText.Line(line.Length > LongestLine ? line.Substring(0, LongestLine) + " ..." : line)}");

        if (code is null)
            throw new P2VException(
                ErrorIds.SourceProbeFailed,
                $"{source.Host} did not tell how the {hook} ended. {PlainText.Line(result.Error.Trim())}",
                "See in the conversion's log what it printed. Check that the user's login runs commands, and that sudo still allows it.",
                source.Host
            );

        // What the program timeout tells of a command that it ended.
        return code is 124 or 137 && clock.Elapsed >= limit ? null : code;
    }

    /// <summary>
    /// The script comes by a descriptor, so that neither its length nor what it reads matters. Its output is cut by a program of
    /// the source, before it crosses the network.
    /// </summary>
    /// <param name="marker">A word that no script holds by chance.</param>
    internal static string Script(HookScript hook, string marker)
    {
        var run = $"{PosixShell.Join(hook.Interpreter())} /proc/self/fd/3 4>&- 5>&- 2>&1 </dev/null";
        var limit = hook.TimeoutSeconds.ToString(CultureInfo.InvariantCulture);
        return $$"""
            exec 4>&1
            limit=
            if command -v timeout >/dev/null 2>&1 && timeout -k 10 1 true >/dev/null 2>&1; then limit='timeout -k 10 {{limit}}'; fi
            {
            code=$( { { $limit {{run}}; echo $? >&5; } | { head -c {{MostBytes}}; cat >/dev/null; } >&4; } 5>&1 )
            printf '\n%s exit=%s\n' {{marker}} "$code"
            } 3<<'{{marker}}'
            {{hook.Text.TrimEnd('\n')}}
            {{marker}}

            """.Replace("\r\n", "\n");
    }

    /// <summary>What the user's login printed before it is told, too: nobody can tell it apart.</summary>
    private static (IReadOnlyList<string> Output, int? Code) Read(string output, string marker)
    {
        var start = $"{marker} exit=";
        var lines = output.TrimEnd('\n').Split('\n').ToList();
        var end = lines.FindLastIndex(line => line.StartsWith(start, StringComparison.Ordinal));
        var isCode = int.TryParse(
            end < 0 ? "" : lines[end].Substring(start.Length).Trim(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var code
        );
        return ([.. lines.Take(end < 0 ? lines.Count : end).Where(line => line.Trim().Length > 0)], isCode ? code : null);
    }
}
