using Renci.SshNet;

namespace LinuxP2V.Engine.Ssh;

/// <summary>A command that runs on the other machine. Disposing closes its channel, which ends a well-behaved command.</summary>
internal sealed class SshProcess : IDisposable
{
    private readonly SshTarget target;
    private readonly SshCommand command;
    private readonly Task execution;

    private SshProcess(SshTarget target, SshCommand command, Task execution)
    {
        this.target = target;
        this.command = command;
        this.execution = execution;
        Input = OpenInput(command);
    }

    /// <summary>Dispose it to tell the command that its input ends.</summary>
    public Stream Input { get; }

    /// <summary>Ends when the command does.</summary>
    public Stream Output => command.OutputStream;

    public Stream Error => command.ExtendedOutputStream;

    internal static SshProcess Start(SshTarget target, SshClient client, string commandLine, CancellationToken cancellationToken)
    {
        var command = client.CreateCommand(commandLine);
        try
        {
            return new SshProcess(target, command, command.ExecuteAsync(cancellationToken));
        }
        catch
        {
            command.Dispose();
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
            throw SshErrors.Lost(target, exception);
        }

        return command.ExitStatus ?? -1;
    }

    public void Dispose()
    {
        // Nobody waits for it any more: its end must not surface as an unobserved failure.
        _ = execution.ContinueWith(
            static task => task.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default
        );
        command.Dispose();
    }

    /// <summary>A command that has ended already takes no input; its end tells the rest.</summary>
    private static Stream OpenInput(SshCommand command)
    {
        try
        {
            return command.CreateInputStream();
        }
        catch (InvalidOperationException)
        {
            return Stream.Null;
        }
    }
}
