using System.Xml.Linq;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// The session: opened with a credential, cloned from somebody's session, or that session itself where the server clones
/// none (a stand-alone ESXi). Only what was opened here is logged out.
/// </summary>
internal sealed class VimSession : IDisposable
{
    private static readonly TimeSpan LogoutTimeout = TimeSpan.FromSeconds(10);

    private readonly VimTransport transport;
    private readonly VSphereConnectionOptions options;
    private readonly SemaphoreSlim turn = new(1, 1);
    private bool isOurs;
    private VimFaultException? refusedLogin;

    private VimSession(VimTransport transport, VSphereConnectionOptions options, ServiceContent content)
    {
        this.transport = transport;
        this.options = options;
        Content = content;
    }

    public ServiceContent Content { get; }

    public string Key { get; private set; } = "";

    public string? UserName { get; private set; }

    public bool CanReopen => options is { UserName: not null, Password: not null };

    public static async Task<VimSession> OpenAsync(
        VimTransport transport,
        VSphereConnectionOptions options,
        CancellationToken cancellationToken
    )
    {
        var response = await transport
            .CallAsync("RetrieveServiceContent", ManagedObject.ServiceInstance, [], null, cancellationToken)
            .ConfigureAwait(false);
        var content = ServiceContent.Read(
            response.Child("returnval") ?? throw new VimTransportException("The server did not say what it is.", isTransient: false)
        );
        if (!IsSupported(content.ApiVersion))
        {
            throw new P2VException(
                ErrorIds.DestinationNotSupported,
                $"{options.Address} is {content.FullName} with API {content.ApiVersion}; LinuxP2V needs 6.5 or later.",
                "Use a vCenter or ESXi of 6.7 or later.",
                options.Address
            );
        }

        var session = new VimSession(transport, options, content);
        await session.BeginAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }

    /// <param name="endedKey">The session that was found ended: of many callers that meet the end, one opens the next.</param>
    /// <exception cref="VimFaultException">InvalidLogin: said by the server once, and by this session from then on.</exception>
    public async Task ReopenAsync(string endedKey, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Key != endedKey)
                return;

            // The password was changed: trying it for each call that waits would lock the account.
            if (refusedLogin is not null)
                throw new VimFaultException(refusedLogin.Fault, refusedLogin.Message, refusedLogin.Detail, refusedLogin.Method);

            transport.Cookie = null;
            await LoginAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (VimFaultException fault) when (fault.Is("InvalidLogin"))
        {
            refusedLogin = fault;
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    public async Task CloseAsync()
    {
        if (!isOurs)
            return;

        isOurs = false;
        try
        {
            await transport.CallAsync("Logout", Content.SessionManager, [], LogoutTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException or P2VException)
        {
            // It ends by itself.
        }
    }

    public void Dispose() => turn.Dispose();

    private static bool IsSupported(string version) =>
        // The simulator of the lab speaks 6.5; what is sent is the same.
        System.Version.TryParse(version.Split('-')[0], out var number)
        && number >= new Version(6, 5);

    private Task BeginAsync(CancellationToken cancellationToken)
    {
        if (options.SessionSecret is { Length: > 0 } secret)
            return BorrowAsync(secret, cancellationToken);

        if (CanReopen)
            return LoginAsync(cancellationToken);

        throw new P2VException(
            ErrorIds.ServerAuthenticationFailed,
            $"There is neither a credential nor a session for {options.Address}.",
            "Give -Credential, or connect with PowerCLI first.",
            options.Address
        );
    }

    private async Task LoginAsync(CancellationToken cancellationToken)
    {
        (string, object?)[] arguments = [("userName", options.UserName), ("password", options.Password)];
        var user = await CallAsync("Login", arguments, cancellationToken).ConfigureAwait(false);
        Take(user);
        isOurs = true;
    }

    private async Task BorrowAsync(string secret, CancellationToken cancellationToken)
    {
        var shared = await FindWorkingCookieAsync(secret, cancellationToken).ConfigureAwait(false);
        try
        {
            var ticket = await CallAsync("AcquireCloneTicket", [], cancellationToken).ConfigureAwait(false);
            transport.Cookie = null;
            Take(await CallAsync("CloneSession", [("cloneTicket", ticket!.Value)], cancellationToken).ConfigureAwait(false));
            isOurs = true;
        }
        catch (VimFaultException)
        {
            transport.Cookie = shared.Cookie;
            Take(shared.User);
        }
    }

    /// <summary>Servers write the cookie with quotes, tools keep it with or without.</summary>
    private async Task<(string Cookie, XElement User)> FindWorkingCookieAsync(string secret, CancellationToken cancellationToken)
    {
        var bare = secret.Trim().Trim('"');
        foreach (var cookie in new[] { $"\"{bare}\"", bare })
        {
            transport.Cookie = cookie;
            try
            {
                if (await ReadUserAsync(cancellationToken).ConfigureAwait(false) is { } user)
                    return (cookie, user);
            }
            catch (VimFaultException fault) when (fault.Is("NotAuthenticated", "NoPermission", "InvalidSession")) { }
        }

        throw new P2VException(
            ErrorIds.ServerSessionEnded,
            $"The session at {options.Address} that was handed over is not open any more.",
            "Connect anew, with Connect-VIServer or with Connect-P2VServer -Credential.",
            options.Address
        );
    }

    private async Task<XElement?> ReadUserAsync(CancellationToken cancellationToken)
    {
        var response = await transport
            .CallAsync(
                "RetrievePropertiesEx",
                Content.PropertyCollector,
                PropertyReader.Arguments([PropertyReader.SpecOf(Content.SessionManager, ["currentSession"])]),
                null,
                cancellationToken
            )
            .ConfigureAwait(false);
        return PropertyReader.ReadPage(response).FirstOrDefault()?["currentSession"];
    }

    private async Task<XElement?> CallAsync(string method, (string Name, object? Value)[] arguments, CancellationToken cancellationToken)
    {
        var elements = arguments.SelectMany(argument => VimData.Field(argument.Name, argument.Value));
        var response = await transport.CallAsync(method, Content.SessionManager, elements, null, cancellationToken).ConfigureAwait(false);
        return response.Child("returnval");
    }

    private void Take(XElement? user)
    {
        Key = user.Text("key") ?? "";
        UserName = user.Text("userName") ?? UserName;
    }
}
