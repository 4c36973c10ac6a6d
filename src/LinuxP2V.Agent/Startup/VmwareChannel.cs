using System.Runtime.CompilerServices;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Startup;

/// <summary>vSphere: guestinfo variables, which go both ways.</summary>
internal sealed class VmwareChannel(string program = VmwareChannel.Program) : IHypervisorChannel
{
    private const string Program = "vmware-rpctool";
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(3);

    private string? lastText;

    public async Task<HelperSettings?> ReadSettingsAsync(CancellationToken cancellationToken)
    {
        lastText = await ReadTextAsync(cancellationToken);
        return StartupJson.ReadSettings(lastText);
    }

    public async Task AnnounceAsync(HelperAnnouncement announcement, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync(
            program,
            [$"info-set guestinfo.linuxp2v.announcement {StartupJson.Write(announcement)}"],
            cancellationToken
        );
        if (!result.Succeeded)
            Console.WriteLine($"linuxp2v-agent: the hypervisor did not take the announcement: {result.LastLines}");
    }

    public async IAsyncEnumerable<HelperSettings> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(PollInterval, cancellationToken);
            var text = await ReadTextAsync(cancellationToken);
            if (text is null || text == lastText)
                continue;

            lastText = text;
            if (StartupJson.ReadSettings(text) is { } settings)
                yield return settings;
        }
    }

    private async Task<string?> ReadTextAsync(CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync(program, ["info-get guestinfo.linuxp2v.settings"], cancellationToken);
        return result.Succeeded ? result.Output : null;
    }
}
