using System.Net.Sockets;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>Brings the helper to announce itself with our key.</summary>
/// <param name="hasSpoken">Whether the helper announced itself before, to whomever.</param>
/// <param name="requireAlive">Throws when the machine is off.</param>
internal sealed class HelperAttachment(string socketPath, HelperSettings settings, Func<bool> hasSpoken, Action requireAlive)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// A helper that boots announces itself unasked. Until then UEFI and its boot loader read this port as a keyboard,
    /// so that nothing is typed there while one of them may listen.
    /// </summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(90);

    /// <exception cref="P2VException">What the helper reports; HelperAddressNotObtained after <paramref name="timeout"/>.</exception>
    public async Task<HelperAnnouncement> AttachAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            while (true)
            {
                requireAlive();
                if (await TryOnceAsync(deadline.Token).ConfigureAwait(false) is { } announcement)
                    return announcement;

                await Task.Delay(ReconnectDelay, deadline.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new P2VException(
                ErrorIds.HelperAddressNotObtained,
                $"The helper did not announce itself within {timeout.TotalSeconds:0} seconds of waiting.",
                "Look at helper.log in the VM's folder; on a slow or busy machine try again with Resume-P2VConversion.",
                settings.ConversionId
            );
        }
    }

    /// <returns>Null when the connection ended.</returns>
    private async Task<HelperAnnouncement?> TryOnceAsync(CancellationToken cancellationToken)
    {
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using var stream = await UnixSocket.ConnectAsync(socketPath, cancellationToken).ConfigureAwait(false);
            var port = new HelperSerialPort(stream);
            var listens = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            // Once connected: what it said before is in the log, what it says from now on comes here.
            if (hasSpoken())
                listens.TrySetResult(true);

            HelperAnnouncement? found = null;
            var reading = port.ReadAsync(
                announcement =>
                {
                    listens.TrySetResult(true);
                    found = IsForUs(announcement) ? announcement : null;
                    return found is not null;
                },
                finished.Token
            );
            var asking = AskAsync(port, listens.Task, finished.Token);
            try
            {
                await (await Task.WhenAny(reading, asking).ConfigureAwait(false)).ConfigureAwait(false);
            }
            finally
            {
                finished.Cancel();
                await Task.WhenAll(Swallow(reading), Swallow(asking)).ConfigureAwait(false);
            }

            return found;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return null;
        }
    }

    private bool IsForUs(HelperAnnouncement announcement)
    {
        // What it says to an older engine's key, or before it had any settings, is no answer to ours.
        if (announcement.ConversionId != settings.ConversionId || announcement.AuthorizedKey.Trim() != settings.AuthorizedKey.Trim())
            return false;

        return announcement.Problem is { } problem ? throw new P2VException(problem, settings.ConversionId) : true;
    }

    private async Task AskAsync(HelperSerialPort port, Task listens, CancellationToken cancellationToken)
    {
        await Task.WhenAny(listens, Task.Delay(QuietTime, cancellationToken)).ConfigureAwait(false);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await port.SendAsync(settings, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Its outcome has been seen, or does not matter any more; it must only be over before the stream is.</summary>
    private static async Task Swallow(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or P2VException) { }
    }
}
