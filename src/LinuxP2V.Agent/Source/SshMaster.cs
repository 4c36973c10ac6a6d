using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// An OpenSSH client that is logged in and does nothing itself: others send their commands through its socket. It is a
/// child of ours and no ControlPersist, which would leave a process that nobody owns.
/// </summary>
internal sealed class SshMaster : IAsyncDisposable
{
    /// <summary>ConnectTimeout ends with the TCP connection; a server may still be silent after it.</summary>
    private static readonly TimeSpan LoginLimit = TimeSpan.FromMinutes(2);

    /// <summary>OpenSSH adds a dot and sixteen letters while it makes the socket; the kernel takes 107 bytes.</summary>
    private const int LongestSocketPath = 90;

    private const int KeptErrorLines = 50;

    private readonly Process process;
    private readonly Queue<string> errorLines = new();
    private readonly Task reading;
    private volatile bool isDisposed;

    private SshMaster(Process process, string socketPath)
    {
        this.process = process;
        SocketPath = socketPath;
        process.StandardInput.Close();
        reading = ReadErrorsAsync();
    }

    public string SocketPath { get; }

    public bool IsOpen => !isDisposed && !process.HasExited;

    /// <summary>The last lines of its error output, for an error message.</summary>
    public string ErrorOutput
    {
        get
        {
            lock (errorLines)
            {
                return string.Join('\n', errorLines);
            }
        }
    }

    public static bool CanListenAt(string socketPath) => System.Text.Encoding.UTF8.GetByteCount(socketPath) <= LongestSocketPath;

    /// <param name="start">The client with -M and the socket's path among its arguments.</param>
    /// <exception cref="AgentException">As at connecting.</exception>
    public static async Task<SshMaster> OpenAsync(
        ProcessStartInfo start,
        string socketPath,
        SourceAccess access,
        CancellationToken cancellationToken
    )
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var master = new SshMaster(ProcessStarter.Start(start), socketPath);
        try
        {
            await master.WaitForLoginAsync(access, cancellationToken);
            return master;
        }
        catch
        {
            await master.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        isDisposed = true;
        try
        {
            // The tree: a jump host's ssh is its child.
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Ended by itself.
        }

        await process.WaitForExitAsync();
        await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(1)));
        process.Dispose();
        File.Delete(SocketPath);
    }

    /// <summary>The socket is there from the login on, and listens from its first moment.</summary>
    private async Task WaitForLoginAsync(SourceAccess access, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!File.Exists(SocketPath))
        {
            if (process.HasExited)
            {
                await reading.WaitAsync(cancellationToken);
                throw SshErrorMessages.NotStarted(access, 255, ErrorOutput);
            }

            if (clock.Elapsed > LoginLimit)
                throw SshErrorMessages.NotStarted(access, 255, $"{ErrorOutput}\nThe login timed out.");

            await Task.Delay(10, cancellationToken);
        }
    }

    private async Task ReadErrorsAsync()
    {
        try
        {
            var lines = new LineReader(process.StandardError.BaseStream);
            while (await lines.ReadLineAsync() is { } line)
            {
                lock (errorLines)
                {
                    errorLines.Enqueue(line);
                    if (errorLines.Count > KeptErrorLines)
                        errorLines.Dequeue();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It was disposed while it still wrote.
        }
    }
}
