using System.Net;
using System.Text;
using System.Text.Json;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// A vCenter's REST interface. It has sessions of its own, which only a password opens: the session of SOAP, and with it one that
/// PowerCLI lends, means nothing there.
/// </summary>
internal sealed class RestSession(VimTransport transport, VSphereConnectionOptions options) : IDisposable
{
    private const string Root = "/rest";
    private const string SessionPath = Root + "/com/vmware/cis/session";
    private const int Attempts = 3;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private const string SessionHeader = "vmware-api-session-id";

    private readonly SemaphoreSlim turn = new(1, 1);
    private string? key;
    private bool isLoginRefused;

    /// <summary>Whether there is a password to log in with.</summary>
    public bool CanOpen => options is { UserName: not null, Password: not null };

    /// <summary>It may be repeated: what LinuxP2V asks for comes to the same when it is asked for twice.</summary>
    /// <param name="use">For the errors.</param>
    /// <param name="path">From the interface's root on, with its query.</param>
    /// <param name="content">JSON; null: none.</param>
    /// <returns>The answer's value; an undefined element where there is none.</returns>
    /// <exception cref="P2VException">ServerAuthenticationFailed, ServerPermissionMissing, DestinationNotSupported.</exception>
    /// <exception cref="VimTransportException">No answer, or none that can be read.</exception>
    public async Task<JsonElement> CallAsync(
        RestUse use,
        HttpMethod method,
        string path,
        string? content,
        CancellationToken cancellationToken
    )
    {
        var hasNewSession = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var used = await OpenAsync(use, cancellationToken).ConfigureAwait(false);
                var (status, text) = await transport
                    .CallRestAsync(method, Root + path, content, (SessionHeader, used), cancellationToken)
                    .ConfigureAwait(false);
                if (status != HttpStatusCode.Unauthorized || hasNewSession)
                    return Read(use, status, text, path);

                // Refused before it began: the session has ended.
                hasNewSession = true;
                await ForgetAsync(used, cancellationToken).ConfigureAwait(false);
            }
            catch (VimTransportException exception) when (exception.IsTransient && attempt < Attempts)
            {
                await Task.Delay(RetryDelay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the session, if one was opened.</summary>
    public async Task CloseAsync()
    {
        if (key is not { } open)
            return;

        key = null;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await transport.CallRestAsync(HttpMethod.Delete, SessionPath, null, (SessionHeader, open), timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimTransportException or P2VException or OperationCanceledException)
        {
            // It ends by itself.
        }
    }

    public void Dispose() => turn.Dispose();

    private async Task<string> OpenAsync(RestUse use, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return key ??= await LoginAsync(use, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task ForgetAsync(string ended, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (key == ended)
            key = null;

        turn.Release();
    }

    private async Task<string> LoginAsync(RestUse use, CancellationToken cancellationToken)
    {
        if (!CanOpen)
            throw new P2VException(
                ErrorIds.ServerAuthenticationFailed,
                $"{options.Address} keeps {use.What} behind its REST interface, which a session that was handed over cannot use.",
                $"Connect with Connect-P2VServer -Credential, or {use.Instead}.",
                options.Address
            );

        // Trying a wrong password for each call would lock the account.
        if (isLoginRefused)
            throw Refused(use);

        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.UserName}:{options.Password}"));
        var (status, text) = await transport
            .CallRestAsync(HttpMethod.Post, SessionPath, null, ("Authorization", $"Basic {login}"), cancellationToken)
            .ConfigureAwait(false);
        switch (status)
        {
            case HttpStatusCode.Unauthorized:
                isLoginRefused = true;
                throw Refused(use);
            case HttpStatusCode.NotFound:
                throw new P2VException(
                    ErrorIds.DestinationNotSupported,
                    $"{options.Address} has no REST interface of vSphere, which keeps the {use.What}.",
                    $"Connect to a vCenter, or {use.Instead}.",
                    options.Address
                );
            default:
                return RestJson.TextOf(Read(use, status, text, SessionPath)) is { Length: > 0 } opened
                    ? opened
                    : throw new VimTransportException("The REST interface opened no session.", isTransient: false);
        }
    }

    private P2VException Refused(RestUse use) =>
        new(
            ErrorIds.ServerAuthenticationFailed,
            $"The REST interface of {options.Address}, which keeps the {use.What}, refuses the login of {options.UserName}.",
            $"Connect with an account of vCenter Single Sign-On, or {use.Instead}.",
            options.Address
        );

    private JsonElement Read(RestUse use, HttpStatusCode status, string text, string path)
    {
        if (status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
            throw new P2VException(
                ErrorIds.ServerPermissionMissing,
                $"{options.Address} refuses {path} to the account (HTTP {(int)status}).",
                use.Rights,
                options.Address
            );

        if ((int)status is < 200 or > 299)
            throw new VimTransportException(
                $"The REST interface answered {path} with HTTP {(int)status}.",
                isTransient: (int)status is >= 500 or 408 or 429
            );

        if (text.Length == 0)
            return default;

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("value", out var value)
                ? value.Clone()
                : default;
        }
        catch (JsonException exception)
        {
            throw new VimTransportException($"The REST interface answered {path} with no JSON.", isTransient: false, exception);
        }
    }
}
