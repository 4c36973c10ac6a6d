using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Machines;

/// <summary>Runs commands in a lab machine by the OpenSSH client: not by the product's own code, which it judges.</summary>
public sealed class SshLogin(int port, string keyFile, string knownHostsFile, string user = "root", string host = "127.0.0.1")
{
    /// <param name="command">A line for the machine's shell.</param>
    public Task<CommandResult> RunAsync(string command, CancellationToken cancellationToken, string? input = null) =>
        Command.RunAsync(
            "ssh",
            [
                "-F",
                "none",
                "-i",
                keyFile,
                "-p",
                port.ToString(CultureInfo.InvariantCulture),
                "-o",
                "BatchMode=yes",
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "ConnectTimeout=20",
                "-o",
                "StrictHostKeyChecking=accept-new",
                "-o",
                $"UserKnownHostsFile={knownHostsFile}",
                "-o",
                "ServerAliveInterval=15",
                "-o",
                "LogLevel=ERROR",
                $"{user}@{host}",
                command,
            ],
            cancellationToken,
            input
        );

    /// <summary>Waits until a login works. What the machine waits for a processor of this host does not count.</summary>
    /// <exception cref="LabException">The machine died, or did not answer in time; its console's last lines are told.</exception>
    public async Task<TimeSpan> WaitAsync(BootingMachine machine, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(TimeSpan.FromSeconds(45));
            var error = "no answer";
            try
            {
                var result = await RunAsync("true", attempt.Token);
                if (result.Succeeded)
                {
                    return clock.Elapsed;
                }

                error = result.Error.Trim();
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // QEMU's forwarding takes the connection before the machine listens: try again.
            }

            if (!machine.IsRunning)
            {
                throw new LabException($"The machine ended before it answered SSH.\n{machine.LastConsoleLines()}");
            }

            if (clock.Elapsed - machine.ProcessorWait > timeout)
            {
                throw new LabException(
                    $"No SSH login within {timeout.TotalSeconds:F0} s, and {machine.ProcessorWait.TotalSeconds:F0} s more that the machine "
                        + $"waited for a processor ({error}).\n{machine.LastConsoleLines()}"
                );
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }
}
