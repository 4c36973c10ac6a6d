using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Reading;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Engine.Sources;

/// <summary>Reads the configuration files of a source that was discovered before. Writes nothing there, and nothing of them here.</summary>
internal static class SourceConfiguration
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    /// <exception cref="P2VException">
    /// SourceUnreachable, SourceConnectionRefused, SourceNameNotResolved, SourceAuthenticationFailed, SourceCredentialRequired,
    /// SourceHostKeyChanged, SourceConnectionLost, SourceProbeFailed.
    /// </exception>
    public static async Task<IGuestStore> ReadAsync(
        SourceEndpoint source,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        using var connection = await SshConnection
            .ConnectAsync(SourceTarget.Of(source, secrets), console, cancellationToken)
            .ConfigureAwait(false);
        var result = await new SourceShell(connection, source.Host, Timeout)
            .RunAsync(
                "the reading of its configuration",
                "exec sh",
                source.Elevation,
                ElevatedCommand.InputPreamble(source.Elevation, secrets.SudoPassword ?? secrets.Password) + SourceFiles.Script(),
                Timeout,
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            return SourceFiles.Parse(result.Output);
        }
        catch (FormatException exception)
        {
            throw NotRead(source, exception.Message, exception);
        }
    }

    private static P2VException NotRead(SourceEndpoint source, string why, Exception inner) =>
        new(
            ErrorIds.SourceProbeFailed,
            $"The configuration of {source.Host} could not be read. {why}",
            "Check that the user's login gives a shell that can run commands, with sh, sed, find, xargs, grep, tr and tar, "
                + "and that no disk of the machine hangs.",
            source.Host,
            inner
        );
}
