using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Startup;

/// <summary>
/// Makes the helper reachable and keeps it so: settings in, network and sshd up, announcement out; then for every further
/// settings a new key and a new announcement. What goes wrong is announced too, so that the engine does not wait for nothing.
/// </summary>
internal sealed class HelperStartup(
    IHypervisorChannel channel,
    HelperSshServer ssh,
    Func<HelperNetwork, CancellationToken, Task<IReadOnlyList<string>>> configureNetwork,
    string bootId,
    Action<string> console
) : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim turn = new(1, 1);
    private HelperSettings? settings;
    private IReadOnlyList<string> addresses = [];
    private string hostKey = "";

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var first = await channel.ReadSettingsAsync(cancellationToken);
        var listening = ListenAsync(cancellationToken);
        await TakeAsync(first, cancellationToken);
        // A cable or a DHCP server that comes late is still good.
        while (addresses.Count == 0)
        {
            await Task.Delay(RetryInterval, cancellationToken);
            if (settings is not null && addresses.Count == 0)
                await TakeAsync(settings, cancellationToken);
        }

        await listening;
    }

    /// <summary>The last message before the power goes off: an engine that died meanwhile learns of the finish from it.</summary>
    public Task AnnounceFinishedAsync(CancellationToken cancellationToken) => AnnounceAsync(null, cancellationToken, isFinished: true);

    public void Dispose() => turn.Dispose();

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var given in channel.ListenAsync(cancellationToken))
                    await TakeAsync(given, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                console($"linuxp2v-agent: the hypervisor's channel cannot be read: {exception.Message}");
            }

            await Task.Delay(RetryInterval, cancellationToken);
        }
    }

    private async Task TakeAsync(HelperSettings? given, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            ErrorDescription? problem = null;
            try
            {
                await ApplyAsync(given, cancellationToken);
            }
            catch (AgentException exception)
            {
                problem = exception.Error;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                problem = new ErrorDescription(
                    ErrorIds.HelperStartFailed,
                    $"The helper failed while it started: {exception.Message}",
                    "See the helper's console.",
                    exception.ToString()
                );
            }

            await AnnounceAsync(problem, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task ApplyAsync(HelperSettings? given, CancellationToken cancellationToken)
    {
        settings =
            given
            ?? settings
            ?? throw new AgentException(
                ErrorIds.HelperStartFailed,
                "The helper found no settings in its VM.",
                "Let New-P2VHelper make the VM: it hands the settings over (guestinfo.linuxp2v.settings, or fw_cfg opt/linuxp2v/settings)."
            );
        if (addresses.Count > 0)
        {
            await OpenAsync(settings.AuthorizedKey, cancellationToken);
            return;
        }

        // Side by side: sshd listens on whatever address comes, and each takes a second of an emulated boot.
        var network = configureNetwork(settings.Network, cancellationToken);
        await Task.WhenAll(OpenAsync(settings.AuthorizedKey, cancellationToken), network);
        addresses = await network;
    }

    private async Task OpenAsync(string authorizedKey, CancellationToken cancellationToken)
    {
        if (hostKey.Length == 0)
            hostKey = await ssh.CreateHostKeyAsync(cancellationToken);

        await ssh.AuthorizeAsync(authorizedKey, cancellationToken);
        await ssh.StartAsync(cancellationToken);
    }

    private async Task AnnounceAsync(ErrorDescription? problem, CancellationToken cancellationToken, bool isFinished = false)
    {
        console(
            problem is null
                ? $"linuxp2v-agent: reachable at {string.Join(", ", addresses)}, host key {hostKey}"
                : $"linuxp2v-agent: {problem.Cause} {problem.Remedy} {problem.Detail}"
        );
        try
        {
            await channel.AnnounceAsync(
                new HelperAnnouncement
                {
                    ConversionId = settings?.ConversionId ?? "",
                    BootId = bootId,
                    Addresses = addresses,
                    HostKey = hostKey,
                    AuthorizedKey = settings?.AuthorizedKey ?? "",
                    IsFinished = isFinished,
                    Problem = problem,
                },
                cancellationToken
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            console($"linuxp2v-agent: the announcement could not be written: {exception.Message}");
        }
    }
}
