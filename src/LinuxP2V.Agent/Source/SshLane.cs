using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Source;

/// <summary>A lane whose commands are sessions of one connection.</summary>
/// <param name="startCommand">Starts a script through the connection.</param>
internal sealed class SshLane(SshMaster master, SourceAccess access, SshLane.CommandStarter startCommand) : ISourceLane, ISharedConnection
{
    public delegate SshCommand CommandStarter(string script, Action<string>? onError, CommandInput input, ISharedConnection shared);

    public bool IsOpen => master.IsOpen;

    public ISourceStream Start(string script, Action<string>? onError = null, CommandInput? input = null) =>
        startCommand(script, onError, input ?? CommandInput.None, this);

    /// <summary>
    /// Whether the server lets one connection have a second session. One alone (MaxSessions 1) is not enough: it is
    /// free again only after the first has ended on the source too.
    /// </summary>
    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public async Task<bool> TakesSessionsAsync(CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource();
        try
        {
            using var first = Start("echo up; cat", input: CommandInput.By((_, _) => over.Task));
            await using var registration = cancellationToken.Register(first.Kill);
            var isUp = await first.Output.ReadAtLeastAsync(new byte[3], 3, throwOnEndOfStream: false, cancellationToken) == 3;
            if (isUp)
            {
                using var second = Start("exit 0");
                await using var secondRegistration = cancellationToken.Register(second.Kill);
                return await second.WaitAsync(cancellationToken) == 0;
            }

            await first.WaitAsync(cancellationToken);
            return false;
        }
        catch (AgentException exception)
            when (exception.Error.Id == ErrorIds.SourceConnectionLost && IsOpen && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            over.TrySetResult();
        }
    }

    public ValueTask DisposeAsync() => master.DisposeAsync();

    public Task<bool> AnswersAsync(CancellationToken cancellationToken) => MasterProbe.AnswersAsync(master.SocketPath, cancellationToken);

    // The login is long past: what ssh itself says is the connection's end, or a session that was refused.
    public AgentException NotStarted(int exitCode, string errorOutput) =>
        exitCode == 255
            ? SshErrorMessages.Lost(access, $"{master.ErrorOutput}\n{errorOutput}")
            : SshErrorMessages.NotStarted(access, exitCode, errorOutput);
}
