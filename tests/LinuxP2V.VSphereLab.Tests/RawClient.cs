using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>A fault as the wire has it: its type, its words, and its fields as text.</summary>
internal sealed record Fault(string Type, string Message, XElement Detail)
{
    public string Field(string name) => Detail.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value ?? "";
}

internal sealed class FaultException(Fault fault) : Exception($"{fault.Type}: {fault.Message}")
{
    public Fault Fault { get; } = fault;
}

/// <summary>SOAP by hand, so that the lab is not judged by the product's own client.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly XNamespace Soap = "http://schemas.xmlsoap.org/soap/envelope/";
    private static readonly XNamespace Vim = "urn:vim25";
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;
    private readonly CookieContainer cookies = new();

    public RawClient(VSphereLab lab)
    {
        http = new HttpClient(
            new HttpClientHandler
            {
                CookieContainer = cookies,
                ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
                    certificate!.GetCertHashString(HashAlgorithmName.SHA256) == lab.ThumbprintSha256,
            }
        )
        {
            BaseAddress = new Uri($"https://{lab.Address}:{lab.Port}"),
            Timeout = AnswerTimeout,
        };
    }

    public string SessionKey { get; private set; } = "";

    public XElement Content { get; private set; } = new("none");

    public string ApiVersion { get; init; } = "6.7";

    public static async Task<RawClient> LoginAsync(VSphereLab lab, VSphereLabUser? user = null)
    {
        var client = new RawClient(lab);
        await client.LoginAsync(user ?? lab.UserWith("Administrator"));
        return client;
    }

    public async Task LoginAsync(VSphereLabUser user)
    {
        Content = await CallAsync("RetrieveServiceContent", "ServiceInstance:ServiceInstance", "");
        var session = await CallAsync(
            "Login",
            Manager("sessionManager"),
            $"<userName>{user.Name}</userName><password>{user.Password}</password>"
        );
        SessionKey = session.Element(Vim + "key")!.Value;
    }

    /// <summary>One of the service's managers as TYPE:VALUE.</summary>
    public string Manager(string name)
    {
        var reference = Content.Element(Vim + name)!;
        return $"{reference.Attribute("type")!.Value}:{reference.Value}";
    }

    /// <param name="target">TYPE:VALUE.</param>
    /// <returns>What the method returns; an empty element for nothing.</returns>
    /// <exception cref="FaultException">The server answered with a fault.</exception>
    public async Task<XElement> CallAsync(string method, string target, string arguments)
    {
        var body = $"""
            <e:Envelope xmlns:e="{Soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
             xmlns:xsd="http://www.w3.org/2001/XMLSchema"><e:Body>
            <{method} xmlns="urn:vim25">{Reference("_this", target)}{arguments}</{method}></e:Body></e:Envelope>
            """;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sdk")
        {
            Content = new StringContent(body, Encoding.UTF8, "text/xml"),
        };
        request.Headers.Add("SOAPAction", $"\"urn:vim25/{ApiVersion}\"");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (!text.StartsWith("<?xml", StringComparison.Ordinal))
            throw new HttpRequestException(text, null, response.StatusCode);

        var answer = XDocument.Parse(text).Root!.Element(Soap + "Body")!.Elements().Single();
        if (answer.Name == Soap + "Fault")
        {
            var detail = answer.Element("detail")!.Elements().Single();
            throw new FaultException(new Fault(detail.Name.LocalName[..^"Fault".Length], answer.Element("faultstring")!.Value, detail));
        }

        return answer.Elements().FirstOrDefault() ?? new XElement("nothing");
    }

    /// <summary>Calls, and waits for the task's end.</summary>
    /// <returns>The task's result.</returns>
    /// <exception cref="FaultException">The call or the task failed.</exception>
    public async Task<string> RunAsync(string method, string target, string arguments = "") =>
        await WaitAsync((await CallAsync(method, target, arguments)).Value);

    public async Task<string> WaitAsync(string task)
    {
        for (var end = DateTime.UtcNow + AnswerTimeout; DateTime.UtcNow < end; await Task.Delay(50))
        {
            var info = (await PropertiesAsync($"Task:{task}", "info"))["info"];
            switch (info.Element(Vim + "state")!.Value)
            {
                case "success":
                    return info.Element(Vim + "result") is { } result ? $"{result.Attribute("type")?.Value}:{result.Value}" : "";
                case "error":
                    var error = info.Element(Vim + "error")!;
                    var fault = error.Element(Vim + "fault")!;
                    var type = fault.Attributes().First(a => a.Name.LocalName == "type").Value;
                    throw new FaultException(new Fault(type, error.Element(Vim + "localizedMessage")!.Value, fault));
            }
        }

        throw new TimeoutException(task);
    }

    public async Task<Dictionary<string, XElement>> PropertiesAsync(string target, params string[] paths)
    {
        var type = target.Split(':')[0];
        var result = await CallAsync(
            "RetrievePropertiesEx",
            Manager("propertyCollector"),
            $"""
            <specSet><propSet><type>{type}</type>{string.Concat(paths.Select(path => $"<pathSet>{path}</pathSet>"))}</propSet>
            <objectSet>{Reference("obj", target)}</objectSet></specSet><options/>
            """
        );
        return result.Descendants(Vim + "propSet").ToDictionary(p => p.Element(Vim + "name")!.Value, p => p.Element(Vim + "val")!);
    }

    public async Task<string> PropertyAsync(string target, string path) =>
        (await PropertiesAsync(target, path)).TryGetValue(path, out var value) ? value.Value : "";

    public async Task<Dictionary<string, string>> ExtraConfigAsync(string vm) =>
        (await PropertiesAsync(vm, "config.extraConfig"))["config.extraConfig"]
            .Elements()
            .ToDictionary(option => option.Element(Vim + "key")!.Value, option => option.Element(Vim + "value")!.Value);

    /// <returns>TYPE:VALUE.</returns>
    public async Task<string> FindAsync(string path)
    {
        var found = await CallAsync("FindByInventoryPath", Manager("searchIndex"), $"<inventoryPath>{path}</inventoryPath>");
        return found.Attribute("type") is { } type ? $"{type.Value}:{found.Value}" : throw new FileNotFoundException(path);
    }

    public Task<HttpResponseMessage> PutAsync(string path, string datastore, HttpContent content, string datacenter = "Lab") =>
        http.PutAsync($"/folder/{path}?dcPath={datacenter}&dsName={datastore}", content);

    public Task<HttpResponseMessage> GetAsync(string path, string datastore, string datacenter = "Lab") =>
        http.GetAsync($"/folder/{path}?dcPath={datacenter}&dsName={datastore}");

    public static string Reference(string element, string target)
    {
        var colon = target.IndexOf(':', StringComparison.Ordinal);
        return $"<{element} type=\"{target[..colon]}\">{target[(colon + 1)..]}</{element}>";
    }

    public void Dispose() => http.Dispose();
}
