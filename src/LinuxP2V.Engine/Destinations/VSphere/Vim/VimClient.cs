using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// Calls to one server within one session, shared by all its conversions: repeats what is safe to repeat, opens the
/// session anew when it has ended and a credential is held, and keeps it alive.
/// </summary>
internal sealed class VimClient : IDisposable
{
    private const int ParallelCalls = 16;
    private const int Attempts = 3;

    /// <summary>Of a file: after one, two and four seconds.</summary>
    private const int TransferAttempts = 4;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Servers end a session after half an hour without a call.</summary>
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromMinutes(10);

    /// <summary>Change nothing, so that a lost answer is simply asked for again.</summary>
    private static readonly HashSet<string> Repeatable =
    [
        "RetrieveServiceContent",
        "RetrievePropertiesEx",
        "QueryConfigOptionEx",
        "QueryConfigOptionDescriptor",
        "HasPrivilegeOnEntities",
        "FindChild",
        "FindByUuid",
        "CurrentTime",
        "PbmRetrieveServiceContent",
        "PbmQueryProfile",
        "PbmRetrieveContent",
        "PbmCheckRequirements",
    ];

    private readonly VimTransport transport;
    private readonly VimSession session;
    private readonly SemaphoreSlim places = new(ParallelCalls, ParallelCalls);
    private readonly Timer keepAlive;

    private VimClient(VimTransport transport, VimSession session, VSphereConnectionOptions options, UpdateTiming? timing)
    {
        Rest = new RestSession(transport, options);
        this.transport = transport;
        this.session = session;
        Properties = new PropertyReader(this);
        Updates = new UpdateWatcher(this, timing);
        Tasks = new TaskRunner(this, options.BusyTimeout);
        keepAlive = new Timer(_ => _ = KeepAliveAsync(), null, KeepAliveInterval, KeepAliveInterval);
    }

    public ServiceContent Content => session.Content;

    /// <summary>The key of the session, which permission queries ask for.</summary>
    public string SessionKey => session.Key;

    /// <summary>As the server names the session's user.</summary>
    public string? UserName => session.UserName;

    public string? CertificateThumbprint => transport.CertificateThumbprint;

    public PropertyReader Properties { get; }

    public UpdateWatcher Updates { get; }

    public TaskRunner Tasks { get; }

    /// <summary>Of a vCenter. It opens its session when it is first used.</summary>
    public RestSession Rest { get; }

    /// <exception cref="P2VException">
    /// ServerUnreachable, ServerAuthenticationFailed, ServerCertificateUntrusted, DestinationNotSupported.
    /// </exception>
    public static async Task<VimClient> ConnectAsync(
        VSphereConnectionOptions options,
        Func<HttpMessageHandler, HttpMessageHandler>? wrap,
        CancellationToken cancellationToken,
        UpdateTiming? timing = null
    )
    {
        var transport = new VimTransport(options, new CertificateCheck(options.CertificateThumbprint, options.SkipCertificateCheck), wrap);
        try
        {
            var session = await VimSession.OpenAsync(transport, options, cancellationToken).ConfigureAwait(false);
            return new VimClient(transport, session, options, timing);
        }
        catch (Exception exception)
        {
            transport.Dispose();
            if (exception is VimFaultException or VimTransportException)
                throw VimErrors.From(exception, options.Address, "open a session");

            throw;
        }
    }

    /// <summary>A call by its name in the schema; its tasks end in _Task.</summary>
    /// <param name="arguments">In the order of the schema. Null values are left out.</param>
    /// <returns>The response; its content is in returnval.</returns>
    /// <exception cref="VimFaultException">The server refuses.</exception>
    /// <exception cref="VimTransportException">No answer.</exception>
    public async Task<XElement> CallAsync(
        string method,
        ManagedObject self,
        (string Name, object? Value)[] arguments,
        CancellationToken cancellationToken
    )
    {
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await CallUnboundedAsync(method, self, arguments, null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>A call of another of the server's SOAP interfaces, within the same session.</summary>
    /// <param name="arguments">In the order of its schema and in its namespace.</param>
    /// <inheritdoc cref="CallAsync(string, ManagedObject, ValueTuple{string, object}[], CancellationToken)"/>
    public async Task<XElement> CallAsync(
        SoapService service,
        string method,
        ManagedObject self,
        IReadOnlyList<XElement> arguments,
        CancellationToken cancellationToken
    )
    {
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await RepeatAsync(service, method, self, arguments, null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>For the one call that waits at the server: it takes none of the places.</summary>
    public Task<XElement> CallUnboundedAsync(
        string method,
        ManagedObject self,
        (string Name, object? Value)[] arguments,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    ) =>
        RepeatAsync(
            SoapService.Vim,
            method,
            self,
            [.. arguments.SelectMany(argument => VimData.Field(argument.Name, argument.Value))],
            timeout,
            cancellationToken
        );

    private async Task<XElement> RepeatAsync(
        SoapService service,
        string method,
        ManagedObject self,
        IReadOnlyList<XElement> arguments,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        var hasNewSession = false;
        for (var attempt = 1; ; attempt++)
        {
            var key = session.Key;
            try
            {
                return await transport.CallAsync(service, method, self, arguments, timeout, cancellationToken).ConfigureAwait(false);
            }
            catch (VimFaultException fault) when (fault.Is("NotAuthenticated") && !hasNewSession && session.CanReopen)
            {
                // Refused before it began: whatever it is, it can be asked again.
                hasNewSession = true;
                await session.ReopenAsync(key, cancellationToken).ConfigureAwait(false);
            }
            catch (VimTransportException exception) when (exception.IsTransient && attempt < Attempts && Repeatable.Contains(method))
            {
                await Task.Delay(RetryDelay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends a file to the server's file service.</summary>
    /// <param name="open">Opens it, for each attempt anew.</param>
    public Task UploadAsync(string pathAndQuery, Func<Stream> open, CancellationToken cancellationToken) =>
        TransferAsync(
            async () =>
            {
                await transport.PutAsync(pathAndQuery, open(), cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken
        );

    /// <summary>Reads a file of the server's file service.</summary>
    /// <param name="read">Gets its content, and reads what it wants of it; again where the transfer broke off.</param>
    public Task<T> DownloadAsync<T>(
        string pathAndQuery,
        Func<Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    ) => TransferAsync(() => transport.GetAsync(pathAndQuery, read, cancellationToken), cancellationToken);

    /// <summary>A transfer can be repeated as a whole: the same bytes go to the same name.</summary>
    private async Task<T> TransferAsync<T>(Func<Task<T>> transfer, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var hasNewSession = false;
            for (var attempt = 1; ; attempt++)
            {
                var key = session.Key;
                try
                {
                    return await transfer().ConfigureAwait(false);
                }
                catch (VimTransportException exception)
                    when (exception.Refusal == FileRefusal.Session && !hasNewSession && session.CanReopen)
                {
                    hasNewSession = true;
                    await session.ReopenAsync(key, cancellationToken).ConfigureAwait(false);
                }
                catch (VimTransportException exception) when (exception.IsTransient && attempt < TransferAttempts)
                {
                    await Task.Delay(TimeSpan.FromTicks(RetryDelay.Ticks << (attempt - 1)), cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Ends the session if it is ours.</summary>
    public async Task CloseAsync()
    {
        await Updates.StopAsync().ConfigureAwait(false);
        await Rest.CloseAsync().ConfigureAwait(false);
        await session.CloseAsync().ConfigureAwait(false);
        Dispose();
    }

    public void Dispose()
    {
        keepAlive.Dispose();
        Updates.Dispose();
        Rest.Dispose();
        session.Dispose();
        transport.Dispose();
        places.Dispose();
    }

    private async Task KeepAliveAsync()
    {
        try
        {
            await CallAsync("CurrentTime", ManagedObject.ServiceInstance, [], CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whoever calls next learns what is wrong, with a place to say so.
        }
    }
}
