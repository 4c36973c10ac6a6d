using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Startup;

/// <summary>The channel that a hypervisor offers between a VM and its manager, before there is a network.</summary>
internal interface IHypervisorChannel
{
    /// <summary>The settings that the VM was made with; null when there are none.</summary>
    Task<HelperSettings?> ReadSettingsAsync(CancellationToken cancellationToken);

    Task AnnounceAsync(HelperAnnouncement announcement, CancellationToken cancellationToken);

    /// <summary>
    /// Settings that are handed over while the helper runs, the same ones too when they are given again. Ends only
    /// when cancelled.
    /// </summary>
    IAsyncEnumerable<HelperSettings> ListenAsync(CancellationToken cancellationToken);
}

/// <summary>The frame around a line on a port that firmware and boot loaders write to as well.</summary>
internal static class ChannelLine
{
    private const string Mark = "linuxp2v:";

    /// <summary>On a line of its own, whatever stands on the port already.</summary>
    public static string Frame(string json) => $"\n{Mark}{json}\n";

    /// <summary>What is framed in a line; null for noise. Noise without a line end can stand before the frame.</summary>
    public static string? Unframe(string line) =>
        line.LastIndexOf(Mark, StringComparison.Ordinal) is var at and >= 0 ? line[(at + Mark.Length)..].TrimEnd('\r') : null;
}
