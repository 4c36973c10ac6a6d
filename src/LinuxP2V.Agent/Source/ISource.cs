using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Source;

/// <summary>Opens a way to the source and proves it.</summary>
internal interface ISourceConnector
{
    /// <exception cref="AgentException">
    /// HelperCannotReachSource, SourceAuthenticationFailed, SourceHostKeyChanged, SudoPasswordRequired,
    /// SudoPasswordWrong, SudoNotAllowed, RootRequired.
    /// </exception>
    Task<ISource> ConnectAsync(SourceAccess access, IEventSink sink, CancellationToken cancellationToken);
}

/// <summary>The running machine that is copied. Its commands run as root.</summary>
internal interface ISource : IAsyncDisposable
{
    /// <summary>For messages: user@host:port.</summary>
    string Name { get; }

    /// <summary>A login is signed by the engine.</summary>
    bool NeedsSigner => false;

    /// <summary>
    /// Returns once a login can be made: where the engine has to sign it, an engine has to be there. A server waits for a
    /// login for two minutes only.
    /// </summary>
    Task WaitForSignerAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs a POSIX sh script to its end. Output is text, whole.</summary>
    /// <exception cref="AgentException">As at connecting, or SourceConnectionLost.</exception>
    Task<SourceResult> RunAsync(string script, CancellationToken cancellationToken);

    /// <summary>Starts a script whose output is a stream of bytes.</summary>
    /// <param name="onError">Gets each line of its standard error, one char a byte, on another thread.</param>
    ISourceStream Start(string script, Action<string>? onError = null);

    /// <summary>Opens a connection for many commands, one after another, without a login for each.</summary>
    /// <exception cref="AgentException">As at connecting, or SourceConnectionLost.</exception>
    Task<ISourceLane> OpenLaneAsync(CancellationToken cancellationToken);

    /// <summary>Takes back a lane that is whole and not wanted any more; it may be the next that is opened.</summary>
    ValueTask ReleaseLaneAsync(ISourceLane lane) => lane.DisposeAsync();
}

/// <summary>One SSH connection to the source that outlives its commands. One command at a time.</summary>
internal interface ISourceLane : IAsyncDisposable
{
    /// <summary>False once its connection is gone: commands then fail with SourceConnectionLost.</summary>
    bool IsOpen => true;

    /// <summary>
    /// Starts a script as <see cref="ISource.Start"/> does. Killing it leaves the lane open for the next. It ends within
    /// seconds when it is killed, or its connection is gone.
    /// </summary>
    /// <param name="input">Null: none.</param>
    ISourceStream Start(string script, Action<string>? onError = null, CommandInput? input = null);
}

internal sealed record SourceResult(int ExitCode, string Output, string Error);

/// <summary>A command that runs on the source. Disposing kills it.</summary>
internal interface ISourceStream : IDisposable
{
    Stream Output { get; }

    /// <summary>The script's own exit code.</summary>
    /// <exception cref="AgentException">It never started, or the connection broke before its end.</exception>
    Task<int> WaitAsync(CancellationToken cancellationToken);

    /// <summary>Ends it at once, from any thread.</summary>
    void Kill();
}
