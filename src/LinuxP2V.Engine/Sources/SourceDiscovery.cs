using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Sources.Probing;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Engine.Sources;

/// <summary>A source that was reached: where, what it is, and the secrets to go there again.</summary>
public sealed record DiscoveredSource(SourceEndpoint Endpoint, SourceFacts Facts, SourceSecrets Secrets)
{
    /// <summary>Endpoint and system; never a secret.</summary>
    public override string ToString() => $"{Endpoint} ({Facts.OperatingSystem.PrettyName})";
}

/// <summary>Logs in to a machine and reads what it is. Writes nothing there.</summary>
public static class SourceDiscovery
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromMinutes(5);

    /// <exception cref="P2VException">
    /// SourceUnreachable, SourceConnectionRefused, SourceNameNotResolved, SourceAuthenticationFailed, SourceCredentialRequired,
    /// SourceKeyUnreadable, SourceHostKeyUnknown, SourceHostKeyChanged, RootRequired, SudoPasswordRequired, SudoPasswordWrong,
    /// SudoNotAllowed, SourceProbeFailed, SourceNotLinux, SourceConnectionLost.
    /// </exception>
    public static async Task<DiscoveredSource> ReadAsync(
        SourceConnectionOptions options,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        using var connection = await SshConnection
            .ConnectAsync(ToTarget(options, secrets, SshRole.Source, console), console, cancellationToken)
            .ConfigureAwait(false);
        var shell = new SourceShell(connection, options.Host, options.ConnectTimeout);
        var elevation = await SourceElevation.FindAsync(shell, options, secrets, console, cancellationToken).ConfigureAwait(false);
        var facts = await ProbeAsync(shell, elevation, secrets, console, cancellationToken).ConfigureAwait(false);
        console.Verbose(
            $"{options.Host}: {facts.OperatingSystem.PrettyName}, kernel {facts.OperatingSystem.RunningKernel}, "
                + $"{facts.BlockDevices.Count} block devices, {facts.Mounts.Count(mount => mount.Class == MountClass.Volume)} volumes."
        );
        return new DiscoveredSource(ToEndpoint(options, connection, elevation), facts, secrets);
    }

    private static async Task<SourceFacts> ProbeAsync(
        SourceShell shell,
        Elevation elevation,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        var (host, script) = (shell.Host, new ProbeScript());
        var result = await shell
            .RunAsync(
                "the probe",
                "exec sh",
                elevation,
                ElevatedCommand.InputPreamble(elevation, secrets.SudoPassword ?? secrets.Password) + script.Text,
                ProbeTimeout,
                cancellationToken
            )
            .ConfigureAwait(false);
        var output = ProbeOutput.Parse(result.Output, script.Marker);
        if (!output.IsComplete)
        {
            var words = result.Error.Trim() is { Length: > 0 } error ? error.Split('\n').Last().Trim() : "it said nothing";
            throw new P2VException(
                ErrorIds.SourceProbeFailed,
                $"The probe on {host} broke off after its section '{output.LastSection}' with exit code {result.ExitCode}: {words}",
                "Check that the user's login gives a shell that can run commands, with sh, grep and sed.",
                host
            );
        }

        if (result.Error.Trim() is { Length: > 0 } notes)
            console.Verbose($"{host}: the probe said: {notes.Replace('\n', ';')}");

        try
        {
            return SourceFactsReader.Read(output, DateTimeOffset.Now);
        }
        catch (Exception exception)
            when (exception is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw new P2VException(
                ErrorIds.SourceProbeFailed,
                $"What the probe read on {host} cannot be understood: {exception.Message}",
                "Report this with the output of -Verbose: it is a defect of LinuxP2V.",
                host,
                exception
            );
        }
    }

    private static SshTarget ToTarget(SourceConnectionOptions options, SourceSecrets secrets, SshRole role, IEngineConsole console) =>
        new()
        {
            Host = options.Host,
            Port = options.Port,
            User = options.User,
            Secrets = secrets,
            Role = role,
            ConnectTimeout = options.ConnectTimeout,
            Trust = options.PinnedFingerprint is { Length: > 0 } fingerprint
                ? new FingerprintTrust(fingerprint)
                : new KnownHostsTrust(
                    options.KnownHostsPath,
                    options.HostKeyPolicy == HostKeyPolicy.AcceptNew,
                    options.Host,
                    options.Port,
                    console
                ),
            JumpHost = options.JumpHost is null
                ? null
                : ToTarget(options.JumpHost, secrets.ForJumpHost(options.JumpHost.Host), SshRole.JumpHost, console),
        };

    private static SourceEndpoint ToEndpoint(SourceConnectionOptions options, SshConnection connection, Elevation elevation) =>
        new()
        {
            Host = options.Host,
            Port = options.Port,
            User = options.User,
            HostKeys = [connection.HostKey.ToString()],
            Elevation = elevation,
            JumpHost =
                options.JumpHost is null || connection.JumpHost is null
                    ? null
                    : ToEndpoint(options.JumpHost, connection.JumpHost, Elevation.None),
        };
}
