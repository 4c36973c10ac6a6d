using System.Diagnostics;
using System.Net.Sockets;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>Hands the helper its settings, waits for its announcement, and finds the address that answers.</summary>
internal sealed class HelperHandshake(VimClient client, ManagedObject machine, HelperSettings settings, TimeSpan timeout)
{
    private const int SshPort = 22;
    private const int Rounds = 4;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Stopwatch watch = Stopwatch.StartNew();

    /// <exception cref="P2VException">HelperStartFailed, HelperAddressNotObtained, or what the helper reports.</exception>
    public async Task<HelperEndpoint> AttachAsync(CancellationToken cancellationToken)
    {
        var before = new MachineSnapshot(
            await client.Properties.ReadAsync(machine, MachineSnapshot.HelperPaths, cancellationToken).ConfigureAwait(false)
        );
        RequireHelper(before);
        RequireOn(before);
        // Settings written while the VM runs do not outlast its power: only new ones are.
        if (before.Option(HelperKeys.Settings) is not { } held || !IsOurs(held))
            await client
                .Tasks.RunAsync("ReconfigVM_Task", machine, [("spec", MachineConfigSpecs.GiveSettings(settings))], cancellationToken)
                .ConfigureAwait(false);

        var heard = await ListenAsync(cancellationToken).ConfigureAwait(false);
        var announcement = heard.Announcement!;
        string address;
        try
        {
            address = await FindAddressAsync(heard, announcement, cancellationToken).ConfigureAwait(false);
        }
        catch (P2VException)
        {
            // What was announced may be false, which explains more.
            await ConfirmAsync(client, machine, announcement.HostKey, cancellationToken).ConfigureAwait(false);
            throw;
        }

        await ConfirmAsync(client, machine, announcement.HostKey, cancellationToken).ConfigureAwait(false);
        return new HelperEndpoint(address, SshPort, announcement.HostKey, announcement.BootId) { PoweredOnAt = heard.PoweredOnAt };
    }

    /// <summary>
    /// Whoever may write the VM's settings can announce a machine of his own before the helper announces itself, or after: two
    /// different announcements tell that one of the two is false.
    /// </summary>
    /// <exception cref="P2VException">HelperHostKeyMismatch.</exception>
    public static async Task ConfirmAsync(VimClient client, ManagedObject machine, string hostKey, CancellationToken cancellationToken)
    {
        var now = new MachineSnapshot(
            await client.Properties.ReadAsync(machine, MachineSnapshot.HelperPaths, cancellationToken).ConfigureAwait(false)
        );
        if (now.Announcement is { } other && other.HostKey != hostKey)
            throw HelperIdentity.Mismatch(now.ConversionId, machine.Value);
    }

    /// <summary>A VM that was handed over is somebody's server: it has no helper, and its settings are not ours any more.</summary>
    private void RequireHelper(MachineSnapshot snapshot)
    {
        if (snapshot.ConversionId == settings.ConversionId && !snapshot.IsFinished)
            return;

        throw new P2VException(
            ErrorIds.OperationOutOfOrder,
            snapshot.IsFinished
                ? $"The VM {machine.Value} is finished and has no helper any more."
                : $"The VM {machine.Value} was not made for the conversion {settings.ConversionId}.",
            "Nothing needs to be done for it; start a new conversion for another copy.",
            settings.ConversionId
        );
    }

    private bool IsOurs(string held)
    {
        var text = MachineConfigSpecs.GiveSettings(settings).Elements().First().Text("value");
        return held == text;
    }

    private async Task<MachineSnapshot> ListenAsync(CancellationToken cancellationToken)
    {
        string? question = null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            return new MachineSnapshot(
                await client
                    .Updates.WaitAsync(
                        machine,
                        MachineSnapshot.HelperPaths,
                        properties => IsForUs(new MachineSnapshot(properties), out question),
                        deadline.Token
                    )
                    .ConfigureAwait(false)
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new P2VException(
                ErrorIds.HelperAddressNotObtained,
                $"The helper did not announce itself within {timeout.TotalSeconds:0} seconds of waiting."
                    + (question is null ? "" : $" The VM waits for an answer: {question}"),
                "Look at the VM's console; check its network, or give the helper an "
                    + "address of its own; then try again with Resume-P2VConversion.",
                settings.ConversionId
            );
        }
    }

    private bool IsForUs(MachineSnapshot snapshot, out string? question)
    {
        question = snapshot.Question;
        RequireOn(snapshot);
        if (
            snapshot.Announcement is not { } announcement
            || announcement.ConversionId != settings.ConversionId
            || announcement.AuthorizedKey?.Trim() != settings.AuthorizedKey.Trim()
        )
        {
            return false;
        }

        return announcement.Problem is { } problem ? throw new P2VException(problem, settings.ConversionId) : true;
    }

    private void RequireOn(MachineSnapshot snapshot)
    {
        if (snapshot.Power == MachinePower.PoweredOn)
            return;

        var isSuspended = snapshot.Power == MachinePower.Suspended;
        throw new P2VException(
            ErrorIds.HelperStartFailed,
            $"The helper VM {machine.Value} is {(isSuspended ? "suspended" : "off")}.",
            isSuspended
                ? "Resume it in the vSphere Client; then Resume-P2VConversion goes on with what is copied."
                : "Look at the VM's events and its console; Resume-P2VConversion starts it again.",
            settings.ConversionId
        );
    }

    private async Task<string> FindAddressAsync(MachineSnapshot heard, HelperAnnouncement announcement, CancellationToken cancellationToken)
    {
        var addresses = announcement
            .Addresses.Append(heard.GuestAddress)
            .OfType<string>()
            .Select(address => address.Split('/')[0])
            .Where(address => address.Length > 0)
            .Distinct()
            .ToList();
        for (var round = 1; addresses.Count > 0; round++)
        {
            var answers = addresses.Select(address => (address, isOpen: AnswersAsync(address, cancellationToken))).ToList();
            await Task.WhenAll(answers.Select(answer => answer.isOpen)).ConfigureAwait(false);
            foreach (var (address, isOpen) in answers)
            {
                if (await isOpen.ConfigureAwait(false))
                    return address;
            }

            if (round >= Rounds || watch.Elapsed > timeout)
                break;

            await Task.Delay(TimeSpan.FromSeconds(round), cancellationToken).ConfigureAwait(false);
        }

        throw new P2VException(
            ErrorIds.HelperAddressNotObtained,
            addresses.Count == 0
                ? "The helper announced no address."
                : $"The helper announced {string.Join(", ", addresses)}, but none answers at port {SshPort}.",
            "Check the route and the firewalls from this machine to the VM's network, or give the helper another address or -NetworkName.",
            settings.ConversionId
        );
    }

    private static async Task<bool> AnswersAsync(string address, CancellationToken cancellationToken)
    {
        using var client = new TcpClient(address.Contains(':') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
        try
        {
#if NET
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(ConnectTimeout);
            await client.ConnectAsync(address, SshPort, timeout.Token).ConfigureAwait(false);
            return true;
#else
            var connect = client.ConnectAsync(address, SshPort);
            // Left alone, its failure after the wait would be nobody's.
            _ = connect.ContinueWith(
                task => task.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default
            );
            await Task.WhenAny(connect, Task.Delay(ConnectTimeout, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return connect.Status == TaskStatus.RanToCompletion;
#endif
        }
        catch (Exception exception)
            when (exception is SocketException or ObjectDisposedException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return false;
        }
    }
}
