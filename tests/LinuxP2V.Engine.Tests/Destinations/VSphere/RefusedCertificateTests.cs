using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A refused certificate is named as the cause in whatever shape the end of the connection arrives.</summary>
public sealed class RefusedCertificateTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 certificate = MakeCertificate();
    private readonly Task serving;

    public RefusedCertificateTests()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public static TheoryData<string> Ends => ["as it is", "io", "http", "socket", "silence", "cancelled", "disposed"];

    private VSphereConnectionOptions Options => new() { Address = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port };

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Dispose();
        certificate.Dispose();
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task It_is_named(string end)
    {
        using var transport = new VimTransport(Options, new CertificateCheck(null, false), inner => new EndHandler(end, inner));
        var error = await Assert.ThrowsAsync<P2VException>(() => CallAsync(transport, TimeSpan.FromSeconds(3), None));
        Assert.Equal(ErrorIds.ServerCertificateUntrusted, error.ErrorId);
        Assert.Contains(certificate.Thumbprint, error.Message, StringComparison.Ordinal);
        Assert.Contains("Compare the thumbprint", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_cancels_hears_of_that_alone()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        using var transport = new VimTransport(Options, new CertificateCheck(null, false), inner => new EndHandler("silence", inner));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CallAsync(transport, TimeSpan.FromMinutes(1), cancel.Token));
    }

    [Fact]
    public async Task Without_a_refusal_it_stays_the_network()
    {
        using var transport = new VimTransport(Options, new CertificateCheck(null, true), inner => new EndHandler("io", inner));
        await Assert.ThrowsAsync<VimTransportException>(() => CallAsync(transport, TimeSpan.FromSeconds(10), None));
    }

    [Fact]
    public async Task A_refusal_of_before_does_not_explain_a_later_failure_of_the_network()
    {
        using var transport = new VimTransport(Options, new CertificateCheck(null, false), null);
        var refused = await Assert.ThrowsAsync<P2VException>(() => CallAsync(transport, TimeSpan.FromSeconds(10), None));
        Assert.Equal(ErrorIds.ServerCertificateUntrusted, refused.ErrorId);

        listener.Stop();
        await serving;
        await Assert.ThrowsAsync<VimTransportException>(() => CallAsync(transport, TimeSpan.FromSeconds(10), None));
    }

    [Fact]
    public async Task Each_request_hears_of_its_own_refusal()
    {
        using var transport = new VimTransport(Options, new CertificateCheck(null, false), null);
        for (var request = 1; request <= 2; request++)
        {
            var error = await Assert.ThrowsAsync<P2VException>(() => CallAsync(transport, TimeSpan.FromSeconds(10), None));
            Assert.Equal(ErrorIds.ServerCertificateUntrusted, error.ErrorId);
        }
    }

    [Theory]
    [InlineData("text/html; charset=utf8")]
    [InlineData("text/html; charset=nonsense")]
    public async Task An_answer_of_something_else_is_no_defect(string contentType)
    {
        using var answer = new ByteArrayContent("<html>"u8.ToArray());
        answer.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var transport = new VimTransport(Options, new CertificateCheck(null, false), inner => new AnswerHandler(answer, inner));
        var error = await Assert.ThrowsAsync<VimTransportException>(() => CallAsync(transport, TimeSpan.FromSeconds(10), None));
        Assert.Contains("no SOAP message", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vc<01>")]
    [InlineData("vc 01")]
    [InlineData("%%")]
    public void What_is_no_address_is_said_so(string address)
    {
        var error = Assert.Throws<P2VException>(() =>
            new VimTransport(new VSphereConnectionOptions { Address = address }, new CertificateCheck(null, false), null)
        );
        Assert.Equal(ErrorIds.ServerUnreachable, error.ErrorId);
    }

    private static Task<XElement> CallAsync(VimTransport transport, TimeSpan timeout, CancellationToken cancellationToken) =>
        transport.CallAsync(
            "RetrieveServiceContent",
            new ManagedObject("ServiceInstance", "ServiceInstance"),
            [],
            timeout,
            cancellationToken
        );

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync();
                using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(certificate);
                await tls.CopyToAsync(Stream.Null);
            }
            catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
            {
                // It refused us, as it should.
            }
            // A listener that is stopped between two calls throws InvalidOperationException; ObjectDisposedException is one, too.
            catch (Exception exception) when (exception is SocketException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=vc01.lab", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class AnswerHandler(HttpContent answer, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = answer });
    }

    /// <summary>Lets the real handshake happen, and hands its failure on in another shape.</summary>
    private sealed class EndHandler(string end, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException exception)
            {
                switch (end)
                {
                    case "io":
                        throw new IOException(
                            "The connection was forcibly closed.",
                            exception.InnerException is IOException ? exception.InnerException : null
                        );
                    case "http":
                        throw new HttpRequestException("An error occurred while sending the request.");
                    case "socket":
                        throw new HttpRequestException("The connection was reset.", new SocketException((int)SocketError.ConnectionReset));
                    case "silence":
                        await Task.Delay(Timeout.Infinite, cancellationToken);
                        throw;
                    case "cancelled":
                        throw new TaskCanceledException();
                    case "disposed":
                        throw new ObjectDisposedException("SslStream");
                    default:
                        throw;
                }
            }
        }
    }
}
