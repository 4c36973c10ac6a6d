using System.Diagnostics;
using System.Text;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// One ssh process with one <see cref="CommandScript"/>. Its marks tell a script that never started from one that broke off,
/// and the script's own exit code from that of ssh.
/// </summary>
internal sealed class SshCommand : ISourceStream
{
    /// <summary>What sudo says in the C locale when it refused a password and reads the next line for another.</summary>
    private const string SudoAsksAgain = "try again";

    /// <summary>Enough for the lines that explain a failure, little enough for a million warnings.</summary>
    private const int KeptErrorLines = 200;

    /// <summary>
    /// After a kill: a lane's connection may hold standard error open until the source's end of the command is gone.
    /// </summary>
    private static readonly TimeSpan OutputAfterKillTimeout = TimeSpan.FromSeconds(1);

    private readonly Process process;
    private readonly SourceAccess access;
    private readonly ISharedConnection? shared;
    private readonly Action ended;
    private readonly Queue<string> lastErrors = new();
    private readonly Task errors;
    private readonly ScriptOutput output;
    private readonly CancellationTokenSource over = new();
    private volatile bool started;
    private volatile bool hasNoInput;
    private volatile bool isInputDone;
    private bool hasSudoBegun;
    private volatile bool killed;
    private int? scriptExit;

    private SshCommand(Process process, SourceAccess access, Action<string>? onError, ISharedConnection? shared, Action ended)
    {
        this.process = process;
        this.access = access;
        this.shared = shared;
        this.ended = ended;
        Pipes.Enlarge(process.StandardOutput.BaseStream);
        output = new ScriptOutput(process.StandardOutput.BaseStream);
        errors = Task.Run(() => ReadErrorsAsync(onError));
    }

    public Stream Output => output;

    /// <summary>The script itself has begun.</summary>
    public bool HasStarted => started;

    /// <summary>The last lines of standard error, without the marks.</summary>
    public string ErrorText
    {
        get
        {
            lock (lastErrors)
            {
                // Kept byte by byte; messages in the admin's own language are UTF-8.
                return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(string.Join('\n', lastErrors)));
            }
        }
    }

    /// <param name="preamble">Written first to its standard input.</param>
    /// <param name="input">The rest, as the script was made for it.</param>
    /// <param name="ended">Called once when it is disposed.</param>
    /// <param name="shared">The connection that carries it; null: a login of its own.</param>
    public static SshCommand Start(
        ProcessStartInfo start,
        SourceAccess access,
        string preamble,
        Action<string>? onError,
        CommandInput input,
        Action ended,
        ISharedConnection? shared = null
    )
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        Process process;
        try
        {
            process = ProcessStarter.Start(start);
        }
        catch
        {
            ended();
            throw;
        }

        var command = new SshCommand(process, access, onError, shared, ended) { isInputDone = input.Bytes.IsEmpty };
        _ = command.WriteInputAsync(preamble, input);
        return command;
    }

    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken);
        if (killed)
            await Task.WhenAny(errors, Task.Delay(OutputAfterKillTimeout, cancellationToken));
        else
            await errors.WaitAsync(cancellationToken);

        // The end mark may arrive before the script's data. All data has arrived when ssh ends with the same exit code, and
        // the connection that it shares still answers.
        // One that ended well without all of its input did not do what it was asked for.
        if (
            scriptExit is { } code
            && process.ExitCode == code
            && (code != 0 || isInputDone)
            && (shared is null || await shared.AnswersAsync(cancellationToken))
        )
            return code;

        if (hasNoInput)
            throw SshErrorMessages.NoInput(access);

        if (started || killed)
            throw SshErrorMessages.Lost(access, ErrorText);

        throw shared?.NotStarted(process.ExitCode, ErrorText) ?? SshErrorMessages.NotStarted(access, process.ExitCode, ErrorText);
    }

    public void Kill()
    {
        killed = true;
        try
        {
            // The tree: a jump host's ssh is its child.
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Ended by itself.
        }
    }

    public void Dispose()
    {
        Kill();
        over.Cancel();
        process.Dispose();
        ended();
    }

    private async Task WriteInputAsync(string preamble, CommandInput input)
    {
        try
        {
            var stream = process.StandardInput.BaseStream;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(preamble), over.Token);
            await stream.WriteAsync(input.Bytes, over.Token);
            await stream.FlushAsync(over.Token);
            // Else it stays open as long as the command is wanted.
            if (input.WriteAsync is { } writeAsync)
            {
                await writeAsync(stream, over.Token);
                process.StandardInput.Close();
            }
        }
        catch (Exception exception)
            when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // It ended without reading: its error output tells why.
        }
    }

    private async Task ReadErrorsAsync(Action<string>? onError)
    {
        try
        {
            var lines = new LineReader(process.StandardError.BaseStream);
            while (await lines.ReadLineAsync() is { } line)
            {
                if (line == CommandScript.StartedMark)
                    started = true;
                else if (line == ElevatedCommand.SudoMark)
                    ForgetLogin();
                else if (line == CommandScript.InputDone)
                    isInputDone = true;
                else if (line == CommandScript.NoInput)
                    hasNoInput = true;
                else if (
                    line.StartsWith(CommandScript.EndMark, StringComparison.Ordinal)
                    && int.TryParse(line.AsSpan(CommandScript.EndMark.Length), out var code)
                )
                    scriptExit = code;
                else if (line.Length > 0)
                {
                    Keep(line, onError);
                    if (hasSudoBegun && !started && line.Contains(SudoAsksAgain, StringComparison.Ordinal))
                        EndInput();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It was disposed while it still wrote.
        }
    }

    /// <summary>sudo would wait for another password for as long as the input is open.</summary>
    private void EndInput()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // It has ended, or its input is being written: then it ends with that.
        }
    }

    /// <summary>What the user's login printed explains no failure of sudo.</summary>
    private void ForgetLogin()
    {
        hasSudoBegun = true;
        lock (lastErrors)
            lastErrors.Clear();
    }

    private void Keep(string line, Action<string>? onError)
    {
        lock (lastErrors)
        {
            lastErrors.Enqueue(line);
            if (lastErrors.Count > KeptErrorLines)
                lastErrors.Dequeue();
        }

        // A server's banner comes before it.
        if (started)
            onError?.Invoke(line);
    }
}
