using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>
/// What one runspace knows: its servers, and for the conversions that it started their secrets and what they said.
/// A runspace of ForEach-Object -Parallel has its own.
/// </summary>
internal sealed class P2VSession
{
    private static readonly ConditionalWeakTable<Runspace, P2VSession> Sessions = new();
    private IEngine? engine;

    private P2VSession(Runspace owner) =>
        owner.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
                ServerCloser.CloseAll(this);
        };

    public IEngine Engine
    {
        get => engine ??= new EngineAdapter();
        set => engine = value;
    }

    public ServerList Servers { get; } = new();

    /// <summary>One borrowing of PowerCLI's connections at a time: two would open two sessions for one server.</summary>
    public SemaphoreSlim Connecting { get; } = new(1, 1);

    /// <summary>By conversion id: what it was set going with, which must stay open while it runs.</summary>
    public ConcurrentDictionary<string, IDestination> Destinations { get; } = new();

    /// <summary>By conversion id. Memory only.</summary>
    public ConcurrentDictionary<string, SourceSecrets> Secrets { get; } = new();

    public ConcurrentDictionary<string, RelayConsole> Consoles { get; } = new();

    public ConcurrentDictionary<string, RateMeter> Meters { get; } = new();

    /// <summary>The newest that this session saw of each, for completion: a completer must not wait.</summary>
    public ConcurrentDictionary<string, P2VConversion> Seen { get; } = new();

    /// <summary>By address, the newest of each, for completion.</summary>
    public ConcurrentDictionary<string, P2VSource> Sources { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The inventories of the connected servers, for completion.</summary>
    public KnownInventory Inventory { get; } = new();

    public static P2VSession OfCurrentRunspace() =>
        Of(Runspace.DefaultRunspace ?? throw new InvalidOperationException("There is no runspace on this thread."));

    public static P2VSession Of(Runspace runspace) => Sessions.GetValue(runspace, static owner => new P2VSession(owner));

    public RelayConsole ConsoleOf(string conversionId) => Consoles.GetOrAdd(conversionId, static _ => new RelayConsole());

    public void Forget(string conversionId)
    {
        Secrets.TryRemove(conversionId, out _);
        Destinations.TryRemove(conversionId, out _);
        Consoles.TryRemove(conversionId, out _);
        Meters.TryRemove(conversionId, out _);
        Seen.TryRemove(conversionId, out _);
    }
}
