using System.Runtime.CompilerServices;
using System.Text;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Startup;

/// <summary>QEMU: settings by fw_cfg, which goes one way only; the way back and later settings by a serial port.</summary>
internal sealed class QemuChannel(string settingsPath = QemuChannel.SettingsPath, string portPath = QemuChannel.PortPath)
    : IHypervisorChannel,
        IDisposable
{
    public const string SettingsPath = "/sys/firmware/qemu_fw_cfg/by_name/opt/linuxp2v/settings/raw";
    private const string PortPath = "/dev/ttyS1";
    private const int MaxLineBytes = 1 << 20;

    private readonly SemaphoreSlim writing = new(1, 1);

    public async Task<HelperSettings?> ReadSettingsAsync(CancellationToken cancellationToken)
    {
        // Raw: no echo, or the engine's own lines would come back to it; no end-of-line conversion. Local: no modem to wait for.
        await Tool.RunAsync("stty", ["-F", portPath, "raw", "-echo", "clocal", "115200"], cancellationToken);
        return File.Exists(settingsPath) ? StartupJson.ReadSettings(await File.ReadAllTextAsync(settingsPath, cancellationToken)) : null;
    }

    public async Task AnnounceAsync(HelperAnnouncement announcement, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await using var port = new FileStream(portPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            await port.WriteAsync(Encoding.UTF8.GetBytes(ChannelLine.Frame(StartupJson.Write(announcement))), cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    public async IAsyncEnumerable<HelperSettings> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var port = new FileStream(portPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[4096];
        var line = new List<byte>();
        while (true)
        {
            // On a thread of its own in effect: a terminal's read cannot be called back, and ends with the process.
            var count = await Task.Run(() => port.Read(buffer), cancellationToken).WaitAsync(cancellationToken);
            if (count == 0)
            {
                // The other end is closed just now.
                await Task.Delay(500, cancellationToken);
                continue;
            }

            foreach (var b in buffer[..count])
            {
                if (b != '\n')
                {
                    line.Add(b);
                    if (line.Count > MaxLineBytes)
                        line.Clear();
                    continue;
                }

                var text = ChannelLine.Unframe(Encoding.UTF8.GetString([.. line]));
                line.Clear();
                if (StartupJson.ReadSettings(text) is { } settings)
                    yield return settings;
            }
        }
    }

    public void Dispose() => writing.Dispose();
}
