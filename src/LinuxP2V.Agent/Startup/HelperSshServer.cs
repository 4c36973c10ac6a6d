using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Startup;

/// <summary>The helper's sshd: a host key of its own for each boot, one key that may enter. Its settings are in the image.</summary>
internal sealed class HelperSshServer(string stateFolder, string program = "/usr/sbin/sshd", string pidPath = "/run/sshd.pid")
{
    private string HostKeyPath => Path.Combine(stateFolder, "ssh_host_ed25519_key");

    private string AuthorizedKeysPath => Path.Combine(stateFolder, "authorized_keys");

    /// <returns>The host key as <c>algorithm base64</c>.</returns>
    public async Task<string> CreateHostKeyAsync(CancellationToken cancellationToken)
    {
        AgentPaths.CreatePrivate(stateFolder);
        // An agent that was started again keeps the key that was announced.
        if (!File.Exists(HostKeyPath + ".pub"))
        {
            File.Delete(HostKeyPath);
            (await Tool.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", HostKeyPath], cancellationToken)).OrThrow(
                ErrorIds.AgentFailed,
                "The helper could not make its host key.",
                "The helper image is damaged: build it anew or download it again."
            );
        }

        return string.Join(' ', (await File.ReadAllTextAsync(HostKeyPath + ".pub", cancellationToken)).Split(' ').Take(2)).Trim();
    }

    /// <summary>Only this key enters from now on; sessions that are open stay.</summary>
    public async Task AuthorizeAsync(string key, CancellationToken cancellationToken)
    {
        // One line only: what follows a line end would be a key of its own.
        var line = key.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "";
        var fresh = AuthorizedKeysPath + ".new";
        await File.WriteAllTextAsync(fresh, line + "\n", cancellationToken);
        File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(fresh, AuthorizedKeysPath, overwrite: true);
    }

    /// <summary>Starts it, unless an agent before this one did.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsRunning())
            return;

        Directory.CreateDirectory("/run/sshd");
        (await Tool.RunAsync(program, [], cancellationToken)).OrThrow(
            ErrorIds.HelperStartFailed,
            "The helper's SSH server did not start.",
            "The helper image is damaged: build it anew or download it again."
        );
    }

    private bool IsRunning()
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(File.ReadAllText(pidPath), CultureInfo.InvariantCulture));
            return process.ProcessName.StartsWith("sshd", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}
