using System.Globalization;
using System.Net.Sockets;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>
/// The agent itself: holds the events, runs the operations, and lets connections in by a unix socket that only its
/// owner can open. Connections come and go; the work does not notice.
/// </summary>
internal sealed class AgentDaemon : IAsyncDisposable
{
    /// <summary>How long a finished helper waits for the engine to read that it has finished.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(10);

    /// <summary>With nobody attached: an engine that is just coming back still finds the outcome.</summary>
    private static readonly TimeSpan FarewellAlone = TimeSpan.FromSeconds(3);

    /// <summary>
    /// So long the source's services stay stopped while nothing is done and no engine is connected: longer than a network
    /// is away as a rule, shorter than people notice by themselves that a server is down.
    /// </summary>
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromMinutes(10);

    private readonly string socketPath;
    private readonly IPowerSwitch power;
    private readonly AgentOperations operations;
    private readonly StreamWriter logFile;
    private readonly HashSet<AgentConnection> connections = [];
    private readonly TimeSpan abandonedAfter;
    private long lastLeft;
    private int serviceReleases;

    /// <param name="console">Gets the lines of the event log but incidents and differences; null for none.</param>
    /// <param name="abandonedAfter">When a cutover counts as abandoned; null: after minutes.</param>
    public AgentDaemon(
        string socketPath,
        string stateFolder,
        AgentParts parts,
        IPowerSwitch power,
        Action<string>? console = null,
        TimeSpan? abandonedAfter = null
    )
    {
        this.abandonedAfter = abandonedAfter ?? AbandonedAfter;
        this.socketPath = socketPath;
        this.power = power;
        AgentPaths.CreatePrivate(stateFolder);
        AgentPaths.CreatePrivate(Path.GetDirectoryName(Path.GetFullPath(socketPath))!);
        logFile = new StreamWriter(AgentPaths.EventLogIn(stateFolder), append: true) { AutoFlush = true };
        Log = new EventLog(stamped => WriteLine(stamped, console));
        Signatures = parts.Signatures;
        Signatures.Sink = Log;
        operations = new AgentOperations(parts, Log);
        Queue = new OperationQueue(Log, operations.RunAsync, operations.SetLimits);
    }

    public string BootId { get; } = Guid.NewGuid().ToString("N");

    public EventLog Log { get; }

    public OperationQueue Queue { get; }

    public EngineSignatures Signatures { get; }

    public HelloEvent Greet() =>
        new()
        {
            Time = DateTimeOffset.UtcNow,
            Version = Protocol.ProtocolVersion.Current,
            BootId = BootId,
            LastSequence = Log.LastSequence,
            ActiveRequestId = Queue.ActiveRequestId,
            HasSource = operations.HasSource,
            NeedsSigner = operations.NeedsSigner,
            ServiceReleases = Volatile.Read(ref serviceReleases),
        };

    /// <summary>Serves until the work is over or the token says so.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var listener = Listen();
        var work = Queue.RunAsync(end.Token);
        var serving = AcceptAsync(listener, end.Token);
        var watching = WatchServicesAsync(end.Token);
        try
        {
            await UntilOverAsync(end.Token);
            await FarewellAsync(end.Token);
            await power.PowerOffAsync(operations.IsFinished);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(work, serving, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            File.Delete(socketPath);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await operations.DisposeAsync();
        Queue.Dispose();
        await logFile.DisposeAsync();
    }

    private Socket Listen()
    {
        // A socket file outlives a daemon that was killed.
        File.Delete(socketPath);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen(16);
        return listener;
    }

    private async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            var socket = await listener.AcceptAsync(cancellationToken);
            _ = ServeAsync(new AgentConnection(socket, this), cancellationToken);
        }
    }

    private async Task ServeAsync(AgentConnection connection, CancellationToken cancellationToken)
    {
        lock (connections)
        {
            connections.Add(connection);
        }

        try
        {
            await connection.RunAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // The engine went away; it finds everything when it is back.
        }
        finally
        {
            lock (connections)
            {
                connections.Remove(connection);
                lastLeft = Environment.TickCount64;
            }

            connection.Dispose();
        }
    }

    /// <summary>An engine that died, or whose machine sleeps, must not leave the source without its services.</summary>
    private async Task WatchServicesAsync(CancellationToken cancellationToken)
    {
        long? idleSince = null;
        while (true)
        {
            await Task.Delay(abandonedAfter / 20, cancellationToken);
            // A connection is counted before it is greeted. So either its greeting reports this, or this does not happen.
            lock (connections)
            {
                if (connections.Count > 0 || !Queue.IsIdle || !operations.HoldsServices)
                {
                    idleSince = null;
                    continue;
                }

                idleSince = Math.Max(idleSince ?? Environment.TickCount64, lastLeft);
                if (Environment.TickCount64 - idleSince < abandonedAfter.TotalMilliseconds)
                    continue;

                // If it fails, it is tried again as long after.
                idleSince = null;
                serviceReleases++;
                Log.Warning(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"No engine has been connected for {abandonedAfter.TotalMinutes:0.#} minutes: "
                            + $"the services that were stopped on the source are started again. The cutover needs another pass."
                    )
                );
                Queue.Accept(new StartServicesRequest { RequestId = $"start-{Guid.NewGuid():N}" });
            }
        }
    }

    private async Task UntilOverAsync(CancellationToken cancellationToken)
    {
        var place = new ReaderPlace(Log.LastSequence);
        while (true)
        {
            var (events, next, more) = Log.ReadAfter(place);
            place = next;
            if (operations.WantsPowerOff && events.Any(e => e is OperationCompletedEvent or OperationFailedEvent))
                return;

            await more.WaitAsync(cancellationToken);
        }
    }

    private async Task FarewellAsync(CancellationToken cancellationToken)
    {
        var last = Log.LastSequence;
        var start = Environment.TickCount64;
        while (true)
        {
            var waited = TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
            List<AgentConnection> listening;
            lock (connections)
            {
                listening = [.. connections];
            }

            var limit = listening.Count == 0 ? FarewellAlone : FarewellLimit;
            if (waited >= limit)
                return;

            if (listening.Any(c => c.SentSequence >= last))
            {
                // Sent is not yet read: it still has to pass sshd.
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
                return;
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    private void WriteLine(AgentEvent stamped, Action<string>? console)
    {
        var line = EventText.Format(stamped);
        // A console may be a slow serial line: thousands of incidents or differences would hold up the work.
        if (stamped is not (CopyIncidentEvent or DifferenceEvent or LogEvent { Level: LogLevel.Debug }))
            console?.Invoke(line);

        try
        {
            logFile.WriteLine(line);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The log is for people; the work does not stop for want of it.
        }
    }
}
