using System.Globalization;
using System.Text;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>start.sh: how a finished VM is started without LinuxP2V.</summary>
internal static class StartScript
{
    public static string Build(MachineDescription description, string qemuPath, string accelerator)
    {
        var port = description.SshPort.ToString(CultureInfo.InvariantCulture);
        var script = new StringBuilder()
            .Append("#!/bin/sh\n")
            .Append(
                $"# Starts the VM {OneLine(description.Machine.Name)}, cloned by LinuxP2V. "
                    + "Further QEMU options can be given: ./start.sh -display gtk\n"
            )
            .Append(
                $"# SSH: ssh -p {port} root@127.0.0.1 (LINUXP2V_SSH_PORT=... "
                    + $"./start.sh for another port). Console output: {MachineFolder.ConsoleLog}\n"
            )
            .Append("set -e\n")
            .Append("cd \"$(dirname \"$0\")\"\n")
            .Append($"port=\"${{LINUXP2V_SSH_PORT:-{port}}}\"\n")
            .Append($"exec {PosixShell.Quote(qemuPath)} \\\n")
            .Append($"  -accel \"${{{LocalDestinationOptions.AcceleratorVariable}:-{accelerator}}}\" \\\n");
        foreach (
            var option in QemuArguments
                .Hardware(description, accelerator, PortMark)
                .Append([.. MachineProcess.Control.Take(2)])
                .Append([.. MachineProcess.Control.Skip(2)])
        )
            script.Append("  ").Append(PosixShell.Join(option).Replace(PortMark, "\"$port\"")).Append(" \\\n");

        return script.Append("  -display none \"$@\"\n").ToString();
    }

    /// <summary>Plain for the shell, so that it stands unquoted where the variable goes.</summary>
    private const string PortMark = "LINUXP2V-PORT";

    private static string OneLine(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
}
