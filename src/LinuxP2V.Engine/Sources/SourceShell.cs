using System.Globalization;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Engine.Sources;

/// <summary>Runs scripts on a source, by the command line that the copy uses too, within limits of time and size.</summary>
/// <param name="loginTimeout">For what takes no time of its own but that of the user's login.</param>
internal sealed class SourceShell(SshConnection connection, string host, TimeSpan loginTimeout)
{
    /// <summary>A word that start files of a shell cannot print by chance.</summary>
    public string Marker { get; } = "linuxp2v-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    public string Host => host;

    public TimeSpan LoginTimeout => loginTimeout;

    /// <param name="what">What the error calls it: "the probe".</param>
    /// <param name="script">POSIX sh.</param>
    /// <param name="input">Standard input: what comes before the script's own input, and that.</param>
    /// <exception cref="P2VException">
    /// SourceProbeFailed: it did not end in time, or answered without end. SourceConnectionLost.
    /// </exception>
    public async Task<SshResult> RunAsync(
        string what,
        string script,
        Elevation elevation,
        string input,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            return await connection
                .RunAsync(ElevatedCommand.BuildToEndOfInput(script, elevation), input, limit.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new P2VException(
                ErrorIds.SourceProbeFailed,
                $"{host} did not finish {what} within {timeout.TotalSeconds:0} seconds.",
                "Look on the machine for processes in state D, dead disks or dead mounts, and for a start file of the user's shell "
                    + "(.bashrc, .zshenv, .cshrc, config.fish) that waits for something. Then try again.",
                host,
                exception
            );
        }
        catch (InvalidDataException exception)
        {
            throw new P2VException(
                ErrorIds.SourceProbeFailed,
                $"{host} answered {what} with {exception.Message}.",
                "See what the user's login on the machine prints: a start file of its shell may print without end.",
                host,
                exception
            );
        }
    }
}
