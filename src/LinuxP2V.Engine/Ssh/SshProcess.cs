using Renci.SshNet;

namespace LinuxP2V.Engine.Ssh;

/// <summary>A command that runs on the other machine. Disposing closes its channel, which ends a well-behaved command.</summary>
internal sealed class SshProcess : IDisposable
{
    private readonly SshTarget target;
    private readonly SshCommand command;
    private readonly Task execution;
    private readonly CancellationTokenSource kill;

    private SshProcess(SshTarget target, SshCommand command, Task execution, CancellationTokenSource kill)
    {
        this.target = target;
        this.command = command;
        this.execution = execution;
        this.kill = kill;
        Input = command.CreateInputStream();
    }

    /// <summary>Dispose it to tell the command that its input ends.</summary>
    public Stream Input { get; }

    /// <summary>Ends when the command does.</summary>
    public Stream Output => command.OutputStream;

    public Stream Error => command.ExtendedOutputStream;

    internal static SshProcess Start(SshTarget target, SshClient client, string commandLine, CancellationToken cancellationToken)
    {
        var command = client.CreateCommand(commandLine);
        var kill = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return new SshProcess(target, command, command.ExecuteAsync(kill.Token), kill);
        }
        catch
        {
            command.Dispose();
            kill.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; -1 when a signal ended it.</returns>
    /// <exception cref="P2VException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The token that it was started with was cancelled.</exception>
    public async Task<int> WaitForExitAsync()
    {
        try
        {
            await execution.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw SshFailure.Lost(target, exception);
        }

        return command.ExitStatus ?? -1;
    }

    /// <summary>
    /// Sends the command a TERM signal and closes its channel. sshd passes no signal on in a session of root's: there the
    /// command ends at its next read from or write to the channel.
    /// </summary>
    public Task KillAsync() => Task.Run(() =>
    {
        try
        {
            kill.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It is over already.
        }
    });

    public void Dispose()
    {
        // Nobody waits for it any more: its end must not surface as an unobserved failure.
        _ = execution.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        command.Dispose();
        kill.Dispose();
    }
}
