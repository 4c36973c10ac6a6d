using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Xml.Linq;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Notes each call by its name on the way to the server.</summary>
internal class RecordingHandler : DelegatingHandler
{
    protected const string TaskReading = "RetrievePropertiesEx of a task";

    private int waiting;

    /// <summary>Names of calls; PUT for an upload.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentQueue<XElement> Bodies { get; } = new();

    /// <summary>Of the calls, without their queries.</summary>
    public ConcurrentQueue<string> Paths { get; } = new();

    public string? Cookie { get; private set; }

    public int MostWaitingAtOnce { get; private set; }

    public HttpMessageHandler Around(HttpMessageHandler inner)
    {
        InnerHandler = inner;
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var name = await NameAsync(request);
        Calls.Enqueue(name);
        Paths.Enqueue(request.RequestUri!.AbsolutePath);
        if (name == "WaitForUpdatesEx")
            MostWaitingAtOnce = Math.Max(MostWaitingAtOnce, Interlocked.Increment(ref waiting));

        try
        {
            var response = await AnswerAsync(name, request, cancellationToken);
            if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
                Cookie = cookies.First().Split('=', 2)[1].Split(';')[0];

            return response;
        }
        finally
        {
            if (name == "WaitForUpdatesEx")
                Interlocked.Decrement(ref waiting);
        }
    }

    protected virtual Task<HttpResponseMessage> AnswerAsync(string name, HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.SendAsync(request, cancellationToken);

    private async Task<string> NameAsync(HttpRequestMessage request)
    {
        if (request.RequestUri!.AbsolutePath.StartsWith("/rest/", StringComparison.Ordinal))
            return $"REST {request.Method.Method}";

        if (request.Method != HttpMethod.Post)
            return request.Method.Method;

        var envelope = XElement.Parse(await request.Content!.ReadAsStringAsync());
        var body = envelope.Elements().Single(part => part.Name.LocalName == "Body").Elements().Single();
        Bodies.Enqueue(body);
        var isAboutTask =
            body.Name.LocalName == "RetrievePropertiesEx"
            && body.Descendants().Any(item => item.Name.LocalName == "obj" && item.Attribute("type")?.Value == "Task");
        return isAboutTask ? TaskReading : body.Name.LocalName;
    }
}

/// <summary>Lets chosen calls fail, before they reach the server or after.</summary>
internal sealed class FailingHandler : RecordingHandler
{
    private readonly ConcurrentDictionary<string, bool> once = new();

    /// <summary>How often a task is looked at depends on its speed: counted, no call would have the same number twice.</summary>
    private static readonly string[] Waiting =
    [
        TaskReading,
        "WaitForUpdatesEx",
        "CancelWaitForUpdates",
        "CreatePropertyCollector",
        "CreateFilter",
        "DestroyPropertyFilter",
    ];

    private int number;

    /// <summary>Calls of this name are refused with a fault.</summary>
    public string? Method { get; init; }

    /// <summary>The n-th call that counts fails, from 1.</summary>
    public int FailAt { get; set; }

    public FailureKind Kind { get; set; }

    /// <summary>What failed at <see cref="FailAt"/>; null when there were fewer calls.</summary>
    public string? Failed { get; private set; }

    /// <summary>Counts from now on.</summary>
    public void FailFrom(int at)
    {
        number = 0;
        FailAt = at;
    }

    /// <summary>The connection breaks at the next call of this name, after the server has carried it out.</summary>
    public void FailOnce(string method) => once[method] = true;

    protected override async Task<HttpResponseMessage> AnswerAsync(
        string name,
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (name == Method)
            return Fault();

        if (once.TryRemove(name, out _))
        {
            await base.AnswerAsync(name, request, cancellationToken);
            throw new HttpRequestException("The connection was closed.");
        }

        if (Waiting.Contains(name) || Interlocked.Increment(ref number) != FailAt)
            return await base.AnswerAsync(name, request, cancellationToken);

        Failed = name;
        if (Kind == FailureKind.Fault)
            return Fault();

        if (Kind == FailureKind.AnswerLost)
            await base.AnswerAsync(name, request, cancellationToken);

        throw new HttpRequestException("The connection was closed.");
    }

    private static HttpResponseMessage Fault() =>
        new(HttpStatusCode.InternalServerError)
        {
            Content = new StringContent(
                """
                <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
                 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
                <soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>Made to fail.</faultstring>
                <detail><RuntimeFaultFault xmlns="urn:vim25" xsi:type="HostNotConnected"/></detail></soapenv:Fault>
                </soapenv:Body></soapenv:Envelope>
                """,
                Encoding.UTF8,
                "text/xml"
            ),
        };
}

public enum FailureKind
{
    Fault,
    RequestLost,
    AnswerLost,
}
