using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LinuxP2V.Lab.VSphere;

public enum VSphereFaultKind
{
    /// <summary>The task fails with <see cref="VSphereLabFault.Fault"/>, and nothing was done.</summary>
    TaskError,

    /// <summary>The call fails with <see cref="VSphereLabFault.Fault"/>.</summary>
    Fault,

    /// <summary>The call, or its task, takes <see cref="VSphereLabFault.AfterMs"/> longer.</summary>
    Slow,

    /// <summary>The session ends before the call.</summary>
    DropSession,

    /// <summary>An HTTP error instead of an answer.</summary>
    Http,

    /// <summary>The connection ends before the call; of a PUT after <see cref="VSphereLabFault.AfterBytes"/>.</summary>
    Disconnect,

    /// <summary>The call is carried out, and the connection ends before its answer.</summary>
    DisconnectAfter,
}

/// <param name="Method">An SDK method (CreateVM_Task), "PUT /folder", "GET /folder", or * for any SDK method.</param>
public sealed record VSphereLabFault(string Method, VSphereFaultKind Kind)
{
    /// <summary>The name of a vSphere fault type.</summary>
    public string? Fault { get; init; }

    /// <summary>How many calls are hit; -1 for all.</summary>
    public int Count { get; init; } = 1;

    /// <summary>How many calls pass before.</summary>
    public int Skip { get; init; }

    public int AfterMs { get; init; }

    public long AfterBytes { get; init; }

    public int Status { get; init; } = 500;

    /// <summary>Hit only calls whose request holds this text.</summary>
    public string? Match { get; init; }
}

/// <param name="ProcessId">0 when nothing runs.</param>
/// <param name="Address">Loopback address whose port 22 is the guest's; empty before the first power-on.</param>
/// <param name="Folder">Where serial0.log (the console), serial1.log and qemu.log are.</param>
/// <param name="Host">The id of the host that it is on.</param>
public sealed record VSphereLabVm(string Name, string Reference, string Power, int ProcessId, string Address, string Folder, string Host);

/// <param name="Capacity">Bytes.</param>
/// <param name="Free">Bytes.</param>
public sealed record VSphereLabDatastore(string Name, string Folder, long Capacity, long Free);

public sealed record VSphereLabSession(string Key, string User);

/// <param name="Calls">How often each method was called.</param>
/// <param name="Refused">Requests that the schema does not allow: always a bug of the client.</param>
public sealed record VSphereLabState(
    IReadOnlyList<VSphereLabVm> Vms,
    IReadOnlyList<VSphereLabDatastore> Datastores,
    IReadOnlyList<VSphereLabSession> Sessions,
    IReadOnlyDictionary<string, int> Calls,
    IReadOnlyList<string> Refused
)
{
    public VSphereLabVm Vm(string name) => Vms.First(vm => vm.Name == name);

    public VSphereLabDatastore Datastore(string name) => Datastores.First(datastore => datastore.Name == name);
}

/// <summary>Looks behind the lab's scenes and makes trouble there.</summary>
public sealed class VSphereLabControl : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly HttpClient client;

    internal VSphereLabControl(int port) => client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

    public async Task<VSphereLabState> StateAsync(CancellationToken cancellationToken = default) =>
        (await client.GetFromJsonAsync<VSphereLabState>("/state", Json, cancellationToken))!;

    public Task InjectAsync(VSphereLabFault fault, CancellationToken cancellationToken = default) =>
        PostAsync("/fault", fault, cancellationToken);

    public Task ClearFaultsAsync(CancellationToken cancellationToken = default) => PostAsync("/faults/clear", new { }, cancellationToken);

    /// <param name="user">* for all.</param>
    public Task DropSessionsAsync(string user = "*", CancellationToken cancellationToken = default) =>
        PostAsync("/session/drop", new { user }, cancellationToken);

    /// <summary>Moves the server's clock: idle sessions end after half an hour.</summary>
    public Task AdvanceClockAsync(TimeSpan by, CancellationToken cancellationToken = default) =>
        PostAsync("/clock", new { advanceSeconds = (int)by.TotalSeconds }, cancellationToken);

    /// <param name="state">connected, maintenance, disconnected or notResponding.</param>
    public Task SetHostAsync(string name, string state, CancellationToken cancellationToken = default) =>
        PostAsync("/host", new { name, state }, cancellationToken);

    public Task SetDatastoreAsync(
        string name,
        double? capacityGB = null,
        bool? accessible = null,
        CancellationToken cancellationToken = default
    ) =>
        PostAsync(
            "/datastore",
            new
            {
                name,
                capacityGB,
                accessible,
            },
            cancellationToken
        );

    /// <param name="action">
    /// kill (as if the VM had crashed), pause, resume, or what tests/lab/vsphere/README.md lists besides.
    /// </param>
    /// <param name="line">What the action needs: a name, a host, a question.</param>
    public Task TreatVmAsync(string name, string action, string? line = null, CancellationToken cancellationToken = default) =>
        PostAsync(
            "/vm",
            new
            {
                name,
                action,
                line,
            },
            cancellationToken
        );

    /// <summary>Puts a file of this machine into a content library, which is made where there is none of the name.</summary>
    public Task AddLibraryItemAsync(
        string library,
        string datastore,
        string item,
        string file,
        CancellationToken cancellationToken = default
    ) =>
        PostAsync(
            "/libraryitem",
            new
            {
                library,
                datastore,
                item,
                type = "iso",
                files = new Dictionary<string, string> { [Path.GetFileName(file)] = file },
            },
            cancellationToken
        );

    /// <summary>Speaks for a guest: sets guestinfo.linuxp2v.announcement, and the tools run.</summary>
    public Task AnnounceAsync(string name, string line, CancellationToken cancellationToken = default) =>
        TreatVmAsync(name, "announce", line, cancellationToken);

    /// <summary>Another product works on the VM for so long, and who wants a task of it meanwhile is refused.</summary>
    public Task OccupyAsync(string name, TimeSpan time, CancellationToken cancellationToken = default) =>
        PostAsync("/busy", new { name, forMs = (int)time.TotalMilliseconds }, cancellationToken);

    /// <summary>From now on a VM has one task at a time, whoever's.</summary>
    /// <param name="asTask">A second one is refused as a task that fails, and not as a call.</param>
    public Task MakeExclusiveAsync(bool isOn, bool asTask = false, CancellationToken cancellationToken = default) =>
        PostAsync("/exclusive", new { isOn, asTask }, cancellationToken);

    public void Dispose() => client.Dispose();

    private async Task PostAsync<T>(string path, T request, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsJsonAsync(path, request, Json, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new LabException($"The vSphere lab refused {path}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }
}
