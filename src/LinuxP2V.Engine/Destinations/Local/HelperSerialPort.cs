using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>
/// The helper's second serial port: framed lines in both directions. Firmware and boot loaders write there too, and a
/// terminal may echo, so that every other line is noise.
/// </summary>
internal sealed class HelperSerialPort(Stream stream)
{
    private const string Frame = "linuxp2v:";
    private const int LongestLine = 64 * 1024;

    /// <returns>The announcement in a line, wherever in it the frame begins; null for noise.</returns>
    public static HelperAnnouncement? ParseLine(string line)
    {
        var start = line.LastIndexOf(Frame, StringComparison.Ordinal);
        if (start < 0)
            return null;

        try
        {
            return JsonSerializer.Deserialize(line.Substring(start + Frame.Length), ProtocolJson.Default.HelperAnnouncement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">The other end went away.</exception>
    public async Task SendAsync(HelperSettings settings, CancellationToken cancellationToken)
    {
        // The line feed first ends whatever noise stands unfinished in the helper's buffer.
        var line = $"\n{Frame}{JsonSerializer.Serialize(settings, ProtocolJson.Default.HelperSettings)}\n";
        var bytes = Encoding.UTF8.GetBytes(line);
        await stream.WriteAsync(bytes, 0, bytes.Length, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calls for each announcement until the stream ends or the callback returns true.</summary>
    /// <returns>Whether the callback was content.</returns>
    public async Task<bool> ReadAsync(Func<HelperAnnouncement, bool> isWanted, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        var line = new List<byte>();
        while (true)
        {
            var count = await stream.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return false;

            foreach (var value in buffer.Take(count))
            {
                if (value is not ((byte)'\n' or (byte)'\r'))
                {
                    // A line without an end is no line of ours.
                    if (line.Count == LongestLine)
                        line.Clear();

                    line.Add(value);
                    continue;
                }

                var announcement = ParseLine(Encoding.UTF8.GetString([.. line]));
                line.Clear();
                if (announcement is not null && isWanted(announcement))
                    return true;
            }
        }
    }
}

/// <summary>Brings the helper to announce itself with our key.</summary>
internal static class HelperAttachment
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(500);

    /// <param name="requireAlive">Throws when the machine is off.</param>
    /// <exception cref="P2VException">What the helper reports; HelperAddressNotObtained after <paramref name="timeout"/>.</exception>
    public static async Task<HelperAnnouncement> AttachAsync(
        string socketPath, HelperSettings settings, TimeSpan timeout, Func<CancellationToken, Task> requireAlive, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            while (true)
            {
                await requireAlive(deadline.Token).ConfigureAwait(false);
                if (await TryOnceAsync(socketPath, settings, deadline.Token).ConfigureAwait(false) is { } announcement)
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
                settings.ConversionId);
        }
    }

    /// <returns>Null when the connection ended.</returns>
    private static async Task<HelperAnnouncement?> TryOnceAsync(string socketPath, HelperSettings settings, CancellationToken cancellationToken)
    {
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using var stream = await UnixSocket.ConnectAsync(socketPath, cancellationToken).ConfigureAwait(false);
            var port = new HelperSerialPort(stream);
            HelperAnnouncement? found = null;
            var reading = port.ReadAsync(announcement => IsForUs(announcement, settings) && (found = announcement) is not null, finished.Token);
            var asking = AskAsync(port, settings, finished.Token);
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

    private static bool IsForUs(HelperAnnouncement announcement, HelperSettings settings)
    {
        if (announcement.ConversionId != settings.ConversionId)
            return false;

        if (announcement.Problem is { } problem)
            throw new P2VException(problem, settings.ConversionId);

        return announcement.AuthorizedKey.Trim() == settings.AuthorizedKey.Trim();
    }

    private static async Task AskAsync(HelperSerialPort port, HelperSettings settings, CancellationToken cancellationToken)
    {
        while (true)
        {
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
        catch (Exception exception) when (exception is IOException or OperationCanceledException or P2VException)
        {
        }
    }
}
