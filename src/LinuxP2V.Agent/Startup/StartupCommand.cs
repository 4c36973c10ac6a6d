using System.Runtime.InteropServices;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Session;

namespace LinuxP2V.Agent.Startup;

/// <summary>
/// The helper's whole life: the daemon, and beside it what makes the helper reachable. The only mode that switches
/// power off.
/// </summary>
internal static class StartupCommand
{
    public static async Task<int> RunAsync(Func<string, AgentParts> createParts)
    {
        var power = new HelperPower();
        await using var daemon = new AgentDaemon(
            AgentPaths.DefaultSocket,
            AgentPaths.DefaultState,
            createParts(AgentPaths.DefaultState),
            power,
            Console.WriteLine
        );
        using var end = new CancellationTokenSource();
        var serving = daemon.RunAsync(end.Token);
        var channel = await ChooseChannelAsync(end.Token);
        using var disposable = channel as IDisposable;
        using var boot = new HelperStartup(
            channel,
            new HelperSshServer(AgentPaths.DefaultState),
            HelperNetworkSetup.ConfigureAsync,
            daemon.BootId,
            Console.WriteLine
        );
        power.AnnounceFinishedAsync = boot.AnnounceFinishedAsync;
        var reachable = boot.RunAsync(end.Token);
        // Either failing ends the process: init starts it again.
        await await Task.WhenAny(serving, reachable);
        return 0;
    }

    private static async Task<IHypervisorChannel> ChooseChannelAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(QemuChannel.SettingsPath))
            await Tool.RunAsync("modprobe", ["-q", "qemu_fw_cfg"], cancellationToken);

        if (File.Exists(QemuChannel.SettingsPath))
            return new QemuChannel();

        var isVmware =
            File.Exists("/sys/class/dmi/id/sys_vendor")
            && (await File.ReadAllTextAsync("/sys/class/dmi/id/sys_vendor", cancellationToken)).Contains(
                "VMware",
                StringComparison.OrdinalIgnoreCase
            );
        return isVmware ? new VmwareChannel() : new QemuChannel();
    }

    private sealed class HelperPower : IPowerSwitch
    {
        private static readonly TimeSpan AnnounceTimeout = TimeSpan.FromSeconds(5);

        /// <summary>
        /// A server shows a guest's message some moments later, and forgets it with the power: an engine that came back just
        /// now would take the VM for one whose helper died, and start it.
        /// </summary>
        private static readonly TimeSpan AnnouncementDelay = TimeSpan.FromSeconds(3);

        public Func<CancellationToken, Task>? AnnounceFinishedAsync { get; set; }

        public async Task PowerOffAsync(bool isFinished)
        {
            if (isFinished && AnnounceFinishedAsync is { } announce)
            {
                using var timeout = new CancellationTokenSource(AnnounceTimeout);
                await announce(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await Task.Delay(AnnouncementDelay);
            }

            PowerCalls.Sync();
            if (PowerCalls.Reboot(PowerCalls.PowerOffCommand) != 0)
                Console.WriteLine($"linuxp2v-agent: power cannot be switched off (error {Marshal.GetLastPInvokeError()})");
        }
    }
}
