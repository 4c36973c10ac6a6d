using System.Diagnostics;
using System.Globalization;
using System.Text;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>The QEMU process of a VM. It belongs to nobody: engines come and go while it runs.</summary>
internal sealed class MachineProcess(MachineFolder folder, MachineDescription description)
{
    private static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(10);

    public bool IsRunning => FindProcessId() is not null;

    public async Task<MachinePower> GetPowerAsync(CancellationToken cancellationToken)
    {
        if (!IsRunning)
            return MachinePower.PoweredOff;

        var status = await QmpClient.ExecuteAsync(folder[MachineFolder.QmpSocket], "query-status", cancellationToken).ConfigureAwait(false);
        if (status is { } answer && answer.GetProperty("status").GetString() is "paused" or "suspended")
            return MachinePower.Suspended;

        return IsRunning ? MachinePower.PoweredOn : MachinePower.PoweredOff;
    }

    /// <exception cref="P2VException">HelperStartFailed, with QEMU's message.</exception>
    public async Task StartAsync(string qemuPath, string accelerator, CancellationToken cancellationToken)
    {
        var arguments = new List<string> { "-accel", accelerator };
        arguments.AddRange(
            QemuArguments
                .Hardware(description, accelerator, description.SshPort.ToString(CultureInfo.InvariantCulture))
                .SelectMany(option => option)
        );
        arguments.AddRange(Control);
        arguments.AddRange(["-display", "none", "-daemonize"]);
        var result = await LocalTool.RunAsync(qemuPath, arguments, folder.Path, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new P2VException(
                ErrorIds.HelperStartFailed,
                $"QEMU could not start the VM {folder.Name}: {result.LastLines}",
                "Do what QEMU asks for; 'Test-P2VTask' checks QEMU, memory and disk space beforehand.",
                folder.Name
            );
        }
    }

    /// <summary>How a running VM is found and asked; a start by hand uses the same.</summary>
    public static IReadOnlyList<string> Control { get; } =
    ["-qmp", $"unix:{MachineFolder.QmpSocket},server=on,wait=off", "-pidfile", MachineFolder.PidFile];

    /// <summary>Pulls the plug and waits until the process is gone.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!IsRunning)
            return;

        await QmpClient.ExecuteAsync(folder[MachineFolder.QmpSocket], "quit", cancellationToken).ConfigureAwait(false);
        if (await WaitForEndAsync(QuitTimeout, cancellationToken).ConfigureAwait(false))
            return;

        Kill();
        if (!await WaitForEndAsync(QuitTimeout, cancellationToken).ConfigureAwait(false))
        {
            throw new P2VException(
                ErrorIds.ConversionInUse,
                $"QEMU of the VM {folder.Name} (process {FindProcessId()}) does not end.",
                "End that process as the user who started it, then repeat.",
                folder.Name
            );
        }
    }

    /// <summary>A process of the pid file that carries the VM's UUID: the number alone may be another program's by now.</summary>
    private int? FindProcessId()
    {
        try
        {
            var text = File.ReadAllText(folder[MachineFolder.PidFile]).Trim();
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                return null;

            // Of a process that has ended but was not collected yet the command line is empty.
            var commandLine = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{text}/cmdline")).Split('\0');
            return commandLine.Contains(description.Uuid) ? id : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task<bool> WaitForEndAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + timeout;
        while (IsRunning)
        {
            if (DateTime.UtcNow > deadline)
                return false;

            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private void Kill()
    {
        try
        {
            if (FindProcessId() is { } id)
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
        }
        catch (Exception exception)
            when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended meanwhile, or is another user's: the waiting after this tells.
        }
    }
}
