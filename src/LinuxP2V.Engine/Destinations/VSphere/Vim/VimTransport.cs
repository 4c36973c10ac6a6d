using System.Net;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using LinuxP2V.Protocol.Messages;
#if !NET
using System.Security.Authentication;
#endif

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>One server and at most one session: posts SOAP, keeps the cookie, moves files. Safe for many callers at once.</summary>
internal sealed class VimTransport : IDisposable
{
    private const string CookieName = "vmware_soap_session";

    /// <summary>Whoever comes without a session is handed a cookie with any answer: only these answers' cookies are a session's.</summary>
    private static readonly HashSet<string> OpensSession = ["Login", "CloneSession"];
    private static readonly XNamespace Envelope = "http://schemas.xmlsoap.org/soap/envelope/";
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Bytes of a refusal's page that are read.</summary>
    private const int LongestPage = 4096;

    private static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Of sending or reading one file.</summary>
    private static readonly TimeSpan FileTimeout = TimeSpan.FromHours(2);

    private readonly CertificateCheck certificate;
    private readonly HttpClient http;
    private readonly Uri root;
    private readonly string target;

    /// <param name="wrap">Tests put their failing handler around the real one.</param>
    public VimTransport(VSphereConnectionOptions options, CertificateCheck certificate, Func<HttpMessageHandler, HttpMessageHandler>? wrap)
    {
        this.certificate = certificate;
        target = options.Address;
        root = RootOf(options);
        var handler = new HttpClientHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            MaxConnectionsPerServer = 32,
            ServerCertificateCustomValidationCallback = (_, presented, _, errors) => certificate.Accept(presented, errors),
        };
        if (options.Proxy is { } proxy)
            handler.Proxy = new WebProxy(proxy)
            {
                Credentials = options.ProxyUserName is { } user ? new NetworkCredential(user, options.ProxyPassword) : null,
            };
#if !NET
        // Windows PowerShell can come with older defaults.
        handler.SslProtocols = SslProtocols.Tls12;
#endif
        http = new HttpClient(wrap?.Invoke(handler) ?? handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc cref="CertificateCheck.Accepted"/>
    public string? CertificateThumbprint => certificate.Accepted;

    /// <summary>The session's cookie value; null before the login.</summary>
    public string? Cookie { get; set; }

    /// <summary>A call of the vSphere API itself.</summary>
    /// <inheritdoc cref="CallAsync(SoapService, string, ManagedObject, IEnumerable{XElement}, TimeSpan?, CancellationToken)"/>
    public Task<XElement> CallAsync(
        string method,
        ManagedObject self,
        IEnumerable<XElement> arguments,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    ) => CallAsync(SoapService.Vim, method, self, arguments, timeout, cancellationToken);

    /// <param name="arguments">The call's elements after _this, in order.</param>
    /// <param name="timeout">Null: two minutes.</param>
    /// <returns>The response element.</returns>
    /// <exception cref="VimFaultException">The server refuses.</exception>
    /// <exception cref="VimTransportException">No answer.</exception>
    public async Task<XElement> CallAsync(
        SoapService service,
        string method,
        ManagedObject self,
        IEnumerable<XElement> arguments,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        var target = new XElement(service.Namespace + "_this", new XAttribute("type", self.Type), self.Value);
        var header = service.HasSessionInHeader && Cookie is { } cookie ? new XElement("vcSessionCookie", cookie.Trim('"')) : null;
        var document = new XElement(
            Envelope + "Envelope",
            new XAttribute(XNamespace.Xmlns + "soapenv", Envelope),
            new XAttribute(XNamespace.Xmlns + "xsi", VimData.Instance),
            new XAttribute(XNamespace.Xmlns + "xsd", VimData.Schema),
            header is null ? null : new XElement(Envelope + "Header", header),
            new XElement(Envelope + "Body", new XElement(service.Namespace + method, target, arguments))
        );
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(root, service.Path))
        {
            Content = new StringContent(document.ToString(SaveOptions.DisableFormatting), Encoding.UTF8, "text/xml"),
        };
        request.Headers.TryAddWithoutValidation("SOAPAction", service.Version);
        using var response = await SendAsync(request, timeout ?? AnswerTimeout, HttpCompletionOption.ResponseContentRead, cancellationToken)
            .ConfigureAwait(false);
        if (OpensSession.Contains(method))
            KeepCookie(response);

        var text = await TextOf(response.Content).ConfigureAwait(false);
        return Read(text, response.StatusCode, method);
    }

    /// <summary>A call of the server's REST interface.</summary>
    /// <param name="content">JSON; null: none.</param>
    /// <param name="authorization">The header's name and value.</param>
    /// <returns>The status and the answer's text, whatever the status is.</returns>
    /// <exception cref="VimTransportException">No answer.</exception>
    public async Task<(HttpStatusCode Status, string Text)> CallRestAsync(
        HttpMethod method,
        string pathAndQuery,
        string? content,
        (string Name, string Value) authorization,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(root, pathAndQuery));
        request.Headers.TryAddWithoutValidation(authorization.Name, authorization.Value);
        if (content is not null)
            request.Content = new StringContent(content, Encoding.UTF8, "application/json");

        using var response = await SendAsync(request, AnswerTimeout, HttpCompletionOption.ResponseContentRead, cancellationToken)
            .ConfigureAwait(false);
        return (response.StatusCode, await TextOf(response.Content).ConfigureAwait(false));
    }

    /// <summary>Sends a file to /folder.</summary>
    /// <exception cref="VimTransportException">It did not arrive, or was refused.</exception>
    /// <param name="content">Is closed at the end.</param>
    public async Task PutAsync(string pathAndQuery, Stream content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(root, pathAndQuery))
        {
            Content = new StreamContent(content, 256 * 1024),
        };
        request.Content.Headers.ContentLength = content.Length;
        // So that a refusal is read in the place of a connection that breaks while the content is sent.
        request.Headers.ExpectContinue = true;
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
        using var response = await SendAsync(request, FileTimeout, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw await RefusalOfAsync(response, "upload", cancellationToken).ConfigureAwait(false);
    }

    private static async Task<VimTransportException> RefusalOfAsync(
        HttpResponseMessage response,
        string what,
        CancellationToken cancellationToken
    )
    {
        var status = (int)response.StatusCode;
        var refusal = status switch
        {
            401 => FileRefusal.Session,
            403 => FileRefusal.Rights,
            404 => FileRefusal.Missing,
            407 => FileRefusal.Proxy,
            413 or 507 => FileRefusal.Space,
            _ when status >= 500 && await SaysNoSpaceAsync(response, cancellationToken).ConfigureAwait(false) => FileRefusal.Space,
            _ => FileRefusal.None,
        };
        return new VimTransportException(
            $"The server answered the {what} with HTTP {status} {response.ReasonPhrase}.",
            isTransient: refusal == FileRefusal.None && status is >= 500 or 408 or 429
        )
        {
            Refusal = refusal,
        };
    }

    /// <summary>Servers have no status for it: it is in the text of the page.</summary>
    private static async Task<bool> SaysNoSpaceAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(PageTimeout);
        using var ending = limit.Token.Register(response.Dispose);
        var bytes = new byte[LongestPage];
        var total = 0;
        try
        {
            using var stream = await OpenAsync(response.Content).ConfigureAwait(false);
            int count;
            while (
                total < bytes.Length
                && (count = await stream.ReadAsync(bytes, total, bytes.Length - total, limit.Token).ConfigureAwait(false)) > 0
            )
                total += count;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What came of the page is all there is.
        }

        cancellationToken.ThrowIfCancellationRequested();
        var text = Encoding.UTF8.GetString(bytes, 0, total);
        return text.IndexOf("no space", StringComparison.OrdinalIgnoreCase) >= 0
            || text.IndexOf("not enough space", StringComparison.OrdinalIgnoreCase) >= 0
            || text.IndexOf("insufficient disk space", StringComparison.OrdinalIgnoreCase) >= 0;
    }

    /// <param name="read">Gets the answer's content as it comes.</param>
    /// <exception cref="VimTransportException">The server refuses, or breaks off.</exception>
    public async Task<T> GetAsync<T>(
        string pathAndQuery,
        Func<Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(root, pathAndQuery));
        using var response = await SendAsync(request, FileTimeout, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw await RefusalOfAsync(response, "download", cancellationToken).ConfigureAwait(false);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(FileTimeout);
        // A read that waits ends with its connection: .NET Framework looks at the token before a read alone.
        using var ending = deadline.Token.Register(response.Dispose);
        try
        {
            using var content = await OpenAsync(response.Content).ConfigureAwait(false);
            return await read(content, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            throw new VimTransportException($"The download took longer than {FileTimeout.TotalHours:0} hours.", isTransient: true);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new VimTransportException($"The download broke off: {Causes(exception).Last().Message}", isTransient: true, exception);
        }
    }

    public void Dispose() => http.Dispose();

    private static Uri RootOf(VSphereConnectionOptions options)
    {
        try
        {
            return new UriBuilder("https", options.Address, options.Port).Uri;
        }
        catch (Exception exception) when (exception is UriFormatException or ArgumentException)
        {
            throw new P2VException(
                ErrorIds.ServerUnreachable,
                $"'{options.Address}' is no address of a server: {exception.Message}",
                "Give the name or IP address of a vCenter or ESXi.",
                options.Address,
                exception
            );
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        TimeSpan timeout,
        HttpCompletionOption completion,
        CancellationToken cancellationToken
    )
    {
        if (Cookie is { } cookie)
            request.Headers.TryAddWithoutValidation("Cookie", $"{CookieName}={cookie}");

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        // A refusal of an earlier request explains nothing about this one.
        var earlier = certificate.Refused;
        try
        {
            return await http.SendAsync(request, completion, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (certificate.Refused is { } refused && refused != earlier && !cancellationToken.IsCancellationRequested)
        {
            // Whatever became of the connection after that: its end reaches us in many shapes, or as a silence.
            throw Untrusted(refused, exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VimTransportException($"The server did not answer within {timeout.TotalSeconds:0} seconds.", isTransient: true);
        }
#if NET
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ProxyTunnelError)
        {
            throw new VimTransportException(exception.Message, isTransient: false, exception) { Refusal = FileRefusal.Proxy };
        }
#endif
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // A name that is unknown or a port where nobody listens is a mistake while connecting, which asks once; later,
            // it is a server that starts anew.
            throw new VimTransportException(Causes(exception).Last().Message, isTransient: true, exception);
        }
    }

    private P2VException Untrusted(RefusedCertificate refused, Exception exception) =>
        new(
            ErrorIds.ServerCertificateUntrusted,
            $"The certificate of {target} is not trusted: {refused.Description}.",
            "Compare the thumbprint with the server's own and pin it, install the authority's certificate, or skip the check in a lab.",
            target,
            exception
        );

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            yield return cause;
    }

    /// <summary>The headers have come; .NET Framework takes no token here.</summary>
    private static Task<Stream> OpenAsync(HttpContent content) => content.ReadAsStreamAsync();

    /// <summary>
    /// It is in memory already. Where it names an encoding that .NET does not know, it is read as UTF-8, which SOAP
    /// servers use.
    /// </summary>
    private static async Task<string> TextOf(HttpContent content)
    {
        try
        {
            return await content.ReadAsStringAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(await content.ReadAsByteArrayAsync().ConfigureAwait(false));
        }
    }

    private void KeepCookie(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var cookies))
            return;

        foreach (var cookie in cookies.Where(cookie => cookie.StartsWith(CookieName + "=", StringComparison.Ordinal)))
            Cookie = cookie.Substring(CookieName.Length + 1).Split(';')[0];
    }

    private static XElement Read(string text, HttpStatusCode status, string method)
    {
        XElement? body;
        try
        {
            body = XElement.Parse(text).Child("Body");
        }
        catch (XmlException)
        {
            body = null;
        }

        if (body.Child("Fault") is { } fault)
        {
            var detail = fault.Child("detail")?.Elements().FirstOrDefault();
            var type = detail.TypeName() ?? detail?.Name.LocalName.Replace("Fault", "") ?? "SystemError";
            throw new VimFaultException(type, fault.Text("faultstring") ?? "", detail, method);
        }

        return body?.Elements().FirstOrDefault()
            ?? throw new VimTransportException(
                $"The server answered {method} with HTTP {(int)status} and no SOAP message.",
                isTransient: status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            );
    }
}
