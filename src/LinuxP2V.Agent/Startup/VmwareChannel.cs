using System.Runtime.CompilerServices;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Startup;

/// <summary>vSphere: guestinfo variables, which go both ways.</summary>
internal sealed class VmwareChannel(string program = VmwareChannel.Program) : IHypervisorChannel
{
    private const string Program = "vmware-rpctool";
    private const string SettingsName = "guestinfo.linuxp2v.settings";
    private const string AnnouncementName = "guestinfo.linuxp2v.announcement";
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(3);

    private string? lastText;
    private string? announced;

    public async Task<HelperSettings?> ReadSettingsAsync(CancellationToken cancellationToken)
    {
        lastText = await ReadTextAsync(SettingsName, cancellationToken);
        return StartupJson.ReadSettings(lastText);
    }

    public async Task AnnounceAsync(HelperAnnouncement announcement, CancellationToken cancellationToken)
    {
        announced = StartupJson.Write(announcement);
        await WriteAsync(announced, cancellationToken);
    }

    public async IAsyncEnumerable<HelperSettings> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(PollInterval, cancellationToken);
            await KeepAnnouncementAsync(cancellationToken);
            var text = await ReadTextAsync(SettingsName, cancellationToken);
            if (text is null || text == lastText)
                continue;

            lastText = text;
            if (StartupJson.ReadSettings(text) is { } settings)
                yield return settings;
        }
    }

    /// <summary>Another may write it, too: an engine that looks again then sees that one of the two is false.</summary>
    private async Task KeepAnnouncementAsync(CancellationToken cancellationToken)
    {
        if (announced is { } ours && await ReadTextAsync(AnnouncementName, cancellationToken) is { } text && text.Trim() != ours.Trim())
        {
            Console.WriteLine("linuxp2v-agent: somebody else has written the helper's announcement; it is written again");
            await WriteAsync(ours, cancellationToken);
        }
    }

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync(program, [$"info-set {AnnouncementName} {text}"], cancellationToken);
        if (!result.Succeeded)
            Console.WriteLine($"linuxp2v-agent: the hypervisor did not take the announcement: {result.LastLines}");
    }

    private async Task<string?> ReadTextAsync(string name, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync(program, [$"info-get {name}"], cancellationToken);
        return result.Succeeded ? result.Output : null;
    }
}
