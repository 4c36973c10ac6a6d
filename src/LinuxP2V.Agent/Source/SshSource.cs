using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Source;

/// <param name="stateFolder">Gets a private folder for each source: configuration, known hosts, sockets.</param>
/// <param name="signatures">By keys that the engine keeps to itself; null: there are none.</param>
internal sealed class SshSourceConnector(string stateFolder, ISignatures? signatures = null) : ISourceConnector
{
    /// <summary>Takes away what an agent that was killed left; called before the first connection.</summary>
    public void Clean()
    {
        if (!Directory.Exists(stateFolder))
            return;

        foreach (var folder in Directory.GetDirectories(stateFolder, SshSource.FolderPrefix + "*"))
            Directory.Delete(folder, recursive: true);
    }

    public async Task<ISource> ConnectAsync(SourceAccess access, IEventSink sink, CancellationToken cancellationToken)
    {
        var source = await SshSource.OpenAsync(access, stateFolder, signatures ?? new NoSignatures(), sink, cancellationToken);
        try
        {
            await source.ProveAsync(cancellationToken);
            sink.Information($"The helper is logged in to {source.Name}.");
            return source;
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }
}

/// <summary>The source by the OpenSSH client, which carries a copy faster than any library.</summary>
internal sealed class SshSource : ISource
{
    public const string FolderPrefix = "source-";

    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(2);

    private readonly IReadOnlyList<SourceAccess> hops;
    private readonly string folder;
    private readonly IEventSink sink;
    private readonly AskPassServer askPass;
    private readonly ISignatures signatures;
    private readonly List<IKeyAgent> agents = [];
    private readonly IdleLanes idle;

    /// <summary>For commands alone, where a login needs the engine: a copy that takes all others must not keep them waiting.</summary>
    private readonly IdleLanes kept;
    private IReadOnlyList<string> dataOptions = [];
    private bool? sharesConnections;
    private int lastLane;

    private SshSource(SourceAccess access, string folder, ISignatures signatures, IEventSink sink)
    {
        hops = SshConfiguration.Hops(access);
        this.signatures = signatures;
        // The next login may find no engine.
        idle = new IdleLanes(NeedsSigner ? Timeout.InfiniteTimeSpan : IdleLimit);
        kept = new IdleLanes(Timeout.InfiniteTimeSpan);
        this.folder = folder;
        this.sink = sink;
        askPass = new AskPassServer(Path.Combine(folder, "askpass.sock"));
    }

    public string Name => hops[0].ToString();

    private SourceAccess Access => hops[0];

    public bool NeedsSigner => hops.Any(hop => hop.PublicKeys.Count > 0);

    private string ConfigurationPath => Path.Combine(folder, "config");

    public static async Task<SshSource> OpenAsync(
        SourceAccess access,
        string stateFolder,
        ISignatures signatures,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        AgentPaths.CreatePrivate(stateFolder);
        var folder = Path.Combine(stateFolder, $"{FolderPrefix}{Guid.NewGuid():N}"[..15]);
        AgentPaths.CreatePrivate(folder);
        var source = new SshSource(access, folder, signatures, sink);
        try
        {
            await source.ConfigureAsync(cancellationToken);
            return source;
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command as root, which is what everything after it does.</summary>
    public async Task ProveAsync(CancellationToken cancellationToken)
    {
        await WaitForSignerAsync(cancellationToken);
        var result = await RunOnLoginAsync($"id -u; {CpuFeatures.AesScript}", cancellationToken);
        var fields = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields is not ["0", ..])
        {
            throw new AgentException(
                ErrorIds.RootRequired,
                $"Commands on {Name} run with user id {fields.FirstOrDefault()}, not as root.",
                "Log in as root or use sudo: only root can read every file.",
                result.Error
            );
        }

        dataOptions = SshConfiguration.DataOptions(haveAes: fields.Contains("aes") && CpuFeatures.HasAes);
        // While the engine is there.
        if (NeedsSigner)
            await kept.KeepAsync(await OpenNewLaneAsync(cancellationToken));
    }

    public async Task<SourceResult> RunAsync(string script, CancellationToken cancellationToken)
    {
        if (!NeedsSigner)
            return await RunOnLoginAsync(script, cancellationToken);

        // A connection that is open needs no engine, which may be away.
        if (await kept.TakeAsync() is { } open && await TryRunAsync(open, script, cancellationToken) is { } result)
            return result;

        return await TryRunAsync(await OpenNewLaneAsync(cancellationToken), script, cancellationToken)
            ?? throw SshErrorMessages.Lost(Access, "The connection broke as soon as it was there.");
    }

    /// <returns>Null where the lane had gone before the script began. A lane that is whole is kept.</returns>
    private async Task<SourceResult?> TryRunAsync(ISourceLane lane, string script, CancellationToken cancellationToken)
    {
        var isWhole = false;
        using var command = (SshCommand)lane.Start(script);
        try
        {
            var result = await ReadAsync(command, cancellationToken);
            isWhole = true;
            return result;
        }
        catch (AgentException exception) when (exception.Error.Id == ErrorIds.SourceConnectionLost && !command.HasStarted)
        {
            return null;
        }
        finally
        {
            if (isWhole)
                await kept.KeepAsync(lane);
            else
                await lane.DisposeAsync();
        }
    }

    public ISourceStream Start(string script, Action<string>? onError = null) => StartCommand(script, onError, CommandInput.None);

    public async Task<ISourceLane> OpenLaneAsync(CancellationToken cancellationToken)
    {
        if (await idle.TakeAsync() is { } lane)
        {
            if (lane is LoginLane)
                await WaitForSignerAsync(cancellationToken);

            return lane;
        }

        return await OpenNewLaneAsync(cancellationToken);
    }

    public ValueTask ReleaseLaneAsync(ISourceLane lane) => idle.KeepAsync(lane);

    public async ValueTask DisposeAsync()
    {
        await kept.DisposeAsync();
        await idle.DisposeAsync();
        await askPass.DisposeAsync();
        foreach (var agent in agents)
            await agent.DisposeAsync();

        Directory.Delete(folder, recursive: true);
    }

    public Task WaitForSignerAsync(CancellationToken cancellationToken) =>
        NeedsSigner ? signatures.WaitForEngineAsync($"the login to {Name}", cancellationToken) : Task.CompletedTask;

    private async Task<ISourceLane> OpenNewLaneAsync(CancellationToken cancellationToken)
    {
        await WaitForSignerAsync(cancellationToken);
        var socketPath = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"lane{Interlocked.Increment(ref lastLane)}"));
        if (sharesConnections is false || !SshMaster.CanListenAt(socketPath))
            return new LoginLane(this);

        var lane = await OpenSharedLaneAsync(socketPath, cancellationToken);
        try
        {
            // Asked of the first lane: the server's answer is the same for all.
            if (sharesConnections ??= await lane.TakesSessionsAsync(cancellationToken))
                return lane;
        }
        catch
        {
            await lane.DisposeAsync();
            throw;
        }

        await lane.DisposeAsync();
        sink.Warning(
            $"The SSH server of {Name} takes one command a connection (MaxSessions): the helper logs in for each, which is slower."
        );
        return new LoginLane(this);
    }

    private async Task ConfigureAsync(CancellationToken cancellationToken)
    {
        var sockets = new Dictionary<int, string>();
        var certificates = new Dictionary<int, string>();
        for (var i = 0; i < hops.Count; i++)
        {
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"agent{i}.sock"));
            if (hops[i].PublicKeys.Count > 0)
            {
                agents.Add(new EngineKeyAgent(hops[i].PublicKeys, path, signatures));
                sockets[i] = path;
            }

            if (hops[i].Certificate is { } certificate)
            {
                certificates[i] = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"certificate{i}"));
                await File.WriteAllTextAsync(certificates[i], certificate, cancellationToken);
            }

            if (hops[i].PrivateKey is null)
                continue;

            var ticket = askPass.Issue(null, hops[i].Passphrase);
            try
            {
                agents.Add(await KeyAgent.StartAsync(hops[i], path, AskPassVariables(ticket), cancellationToken));
            }
            finally
            {
                askPass.Withdraw(ticket);
            }

            sockets[i] = path;
        }

        var knownHosts = Path.Combine(folder, "known_hosts");
        await File.WriteAllTextAsync(knownHosts, SshConfiguration.KnownHosts(hops), cancellationToken);
        await File.WriteAllTextAsync(
            ConfigurationPath,
            SshConfiguration.Build(hops, ConfigurationPath, knownHosts, sockets, certificates),
            cancellationToken
        );
    }

    private async Task<SshLane> OpenSharedLaneAsync(string socketPath, CancellationToken cancellationToken)
    {
        var start = Client([.. dataOptions, "-M", "-S", socketPath, "-N", "-T", SshConfiguration.Alias(0)]);
        var withdraw = GiveTickets(start);
        try
        {
            var master = await SshMaster.OpenAsync(start, socketPath, Access, cancellationToken);
            return new SshLane(master, Access, (script, onError, input, shared) => StartShared(socketPath, script, onError, input, shared));
        }
        finally
        {
            withdraw();
        }
    }

    private async Task<SourceResult> RunOnLoginAsync(string script, CancellationToken cancellationToken)
    {
        using var command = StartCommand(script, null, CommandInput.None);
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<SourceResult> ReadAsync(SshCommand command, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await command.ReadToEndAsync(cancellationToken);
        return new SourceResult(exitCode, output, command.ErrorText);
    }

    /// <summary>A command with a login of its own.</summary>
    private SshCommand StartCommand(string script, Action<string>? onError, CommandInput input)
    {
        var start = Client([.. dataOptions, "-T", SshConfiguration.Alias(0), Elevated(script, input)]);
        return SshCommand.Start(start, Access, InputPreamble, onError, input, GiveTickets(start));
    }

    /// <summary>A command of a connection that is there: where it is not, ssh must not make one of its own.</summary>
    private SshCommand StartShared(string socketPath, string script, Action<string>? onError, CommandInput input, ISharedConnection shared)
    {
        var start = Client([
            "-S",
            socketPath,
            "-o",
            "ControlMaster=no",
            "-o",
            "ProxyCommand=false",
            "-o",
            "BatchMode=yes",
            "-T",
            SshConfiguration.Alias(0),
            Elevated(script, input),
        ]);
        return SshCommand.Start(start, Access, InputPreamble, onError, input, () => { }, shared);
    }

    private string InputPreamble => ElevatedCommand.InputPreamble(Access.Elevation, Access.SudoPassword);

    private string Elevated(string script, CommandInput input) =>
        ElevatedCommand.Build(CommandScript.Around(script, input), Access.Elevation);

    private ProcessStartInfo Client(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("ssh", ["-F", ConfigurationPath, .. arguments]);
        start.Environment["LC_ALL"] = "C";
        start.Environment.Remove("SSH_AUTH_SOCK");
        return start;
    }

    /// <returns>Takes the tickets back.</returns>
    private Action GiveTickets(ProcessStartInfo start)
    {
        var tickets = hops.Select(hop => askPass.Issue(hop.Password, null)).ToList();
        foreach (var (name, value) in AskPassVariables(tickets[0]))
            start.Environment[name] = value;

        for (var i = 1; i < tickets.Count; i++)
            start.Environment[string.Create(CultureInfo.InvariantCulture, $"{AskPass.TicketVariable}_{i}")] = tickets[i];

        return () => tickets.ForEach(askPass.Withdraw);
    }

    private Dictionary<string, string> AskPassVariables(string ticket) =>
        new()
        {
            ["SSH_ASKPASS"] = AgentPaths.Executable,
            ["SSH_ASKPASS_REQUIRE"] = "force",
            // Older clients ask the program only where they see a display.
            ["DISPLAY"] = ":0",
            [AskPass.SocketVariable] = askPass.SocketPath,
            [AskPass.TicketVariable] = ticket,
        };

    /// <summary>A lane that logs in for each command: all that some servers allow.</summary>
    private sealed class LoginLane(SshSource source) : ISourceLane
    {
        public ISourceStream Start(string script, Action<string>? onError = null, CommandInput? input = null) =>
            source.StartCommand(script, onError, input ?? CommandInput.None);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
