using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using LinuxP2V.Cmdlets.Conversions;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Engine.Sources;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>
/// What one runspace knows: its servers, and for the conversions that it started their secrets and what they said.
/// A runspace of ForEach-Object -Parallel has its own.
/// </summary>
internal sealed class P2VSession
{
    private static readonly ConditionalWeakTable<Runspace, P2VSession> s_sessions = new();
    private IEngine? _engine;

    public IEngine Engine
    {
        get => _engine ??= new EngineAdapter();
        set => _engine = value;
    }

    public ServerList Servers { get; } = new();

    /// <summary>By conversion id. Memory only.</summary>
    public ConcurrentDictionary<string, SourceSecrets> Secrets { get; } = new();

    public ConcurrentDictionary<string, RelayConsole> Consoles { get; } = new();

    public ConcurrentDictionary<string, RateMeter> Meters { get; } = new();

    /// <summary>The newest that this session saw of each, for completion: a completer must not wait.</summary>
    public ConcurrentDictionary<string, P2VConversion> Seen { get; } = new();

    public static P2VSession OfCurrentRunspace() =>
        Of(Runspace.DefaultRunspace ?? throw new InvalidOperationException("There is no runspace on this thread."));

    public static P2VSession Of(Runspace runspace) => s_sessions.GetValue(runspace, static _ => new P2VSession());

    public RelayConsole ConsoleOf(string conversionId) => Consoles.GetOrAdd(conversionId, static _ => new RelayConsole());

    public void Forget(string conversionId)
    {
        Secrets.TryRemove(conversionId, out _);
        Consoles.TryRemove(conversionId, out _);
        Meters.TryRemove(conversionId, out _);
        Seen.TryRemove(conversionId, out _);
    }
}
