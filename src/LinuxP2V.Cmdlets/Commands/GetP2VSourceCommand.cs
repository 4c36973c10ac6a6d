using System.Management.Automation;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "P2VSource")]
[OutputType(typeof(P2VSource))]
public sealed class GetP2VSourceCommand : SourceAccessCmdlet
{
    private const string DefaultUser = "root";
    private const int DefaultPort = 22;
    private const int DefaultConnectTimeout = 30;

    private readonly List<Machine> machines = [];
    private readonly RowColumns columns = new(typeof(GetP2VSourceCommand), typeof(NewP2VTaskCommand));

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("HostName", "DnsHostName", "IPAddress")]
    [ListCellTransformation]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string[] ComputerName { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string? UserName { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(int))]
    [OptionalRange(1, 65535)]
    public int? Port { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ListCellTransformation]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string[]? JumpHost { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter Sudo { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(P2VHostKeyPolicy))]
    public P2VHostKeyPolicy? HostKeyPolicy { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    [OptionalPattern("^SHA256:", "a fingerprint as ssh-keygen -l prints it: SHA256:…")]
    [ArgumentCompleter(typeof(NoCompleter))]
    public string? HostKeyFingerprint { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    public string? KnownHostsFile { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(int))]
    [OptionalRange(1, 3600)]
    public int? ConnectTimeoutSec { get; set; }

    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public PSObject? InputObject { get; set; }

    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (
            InputObject is { BaseObject: PSCustomObject } given
            && !RowColumns.Has(given, typeof(GetP2VSourceCommand), nameof(ComputerName))
        )
        {
            // Its text would show all of the row.
            WriteFailure(
                new P2VException(
                    ErrorIds.SourceAddressInvalid,
                    "A row names no machine.",
                    "Give each row a column ComputerName with a name or an IP address."
                ),
                null
            );
            return Task.CompletedTask;
        }

        var row = Row.Of(InputObject);
        if (row is not null && columns.FindMistakes(InputObject!) is { Count: > 0 } mistakes)
            mistakes.ForEach(WriteWarning);

        foreach (var name in ComputerName)
        {
            try
            {
                Add(name, row);
            }
            catch (P2VException e)
            {
                // One row's trouble is not the others'.
                WriteFailure(e, name);
            }
        }

        return Task.CompletedTask;
    }

    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        using var turns = new SemaphoreSlim(ThrottleLimit);
        await Task.WhenAll(
            machines
                .Select(async machine =>
                {
                    await turns.WaitAsync(cancellationToken);
                    try
                    {
                        await ReadAsync(machine, cancellationToken);
                    }
                    finally
                    {
                        turns.Release();
                    }
                })
                .ToList()
        );
    }

    private void Add(string name, PSObject? row)
    {
        var machine = new Machine(name, OptionsFor(name), Secrets(name), row);
        if (!machines.Exists(other => other.IsSame(machine)))
            machines.Add(machine);
    }

    private async Task ReadAsync(Machine machine, CancellationToken cancellationToken)
    {
        try
        {
            var options = machine.Options;
            WriteVerbose($"Reading {options.User}@{options.Host}:{options.Port}");
            var source = await Engine.ReadSourceAsync(options, machine.Secrets, Console, cancellationToken);
            var definition = Engine.SerializeSource(source);
            var shown = SourceMapper.ToObject(source, definition, new SourceReading(source, source.Secrets), machine.Row);
            Session.Sources[$"{options.Host}:{options.Port}"] = shown;
            WriteObject(shown);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // One host's trouble is not the others'.
            WriteError(ErrorMapper.ToRecord(e, machine.Name));
        }
    }

    private SourceSecrets Secrets(string name) =>
        ReadSecrets()
        ?? throw new P2VException(
            ErrorIds.SourceCredentialRequired,
            $"Neither a password nor a key was given for {name}.",
            "Give -Credential, or -KeyFile with -UserName or -Credential for the user's name.",
            name
        );

    private static HostAddress ReadAddress(string text) =>
        HostAddress.Parse(
            text,
            ErrorIds.SourceAddressInvalid,
            "Give a name or an IP address, such as web01, root@web01:2222 or [fe80::1]:22. A row needs a column ComputerName."
        );

    private static string NotBlank(string user, string host) =>
        string.IsNullOrWhiteSpace(user)
            ? throw new P2VException(
                ErrorIds.SourceAddressInvalid,
                $"The user's name for {host} is blank.",
                "Give it with -UserName or -Credential, or as user@host.",
                host
            )
            : user;

    private SourceConnectionOptions OptionsFor(string name)
    {
        var address = ReadAddress(name);
        var options = new SourceConnectionOptions
        {
            Host = address.Host,
            Port = address.Port ?? Port ?? DefaultPort,
            User = NotBlank(address.User ?? UserName ?? Credential?.UserName ?? DefaultUser, name),
            HostKeyPolicy = EnumMapper.Map<HostKeyPolicy>(HostKeyPolicy ?? P2VHostKeyPolicy.Strict),
            PinnedFingerprint = HostKeyFingerprint,
            KnownHostsPath = KnownHostsFile is null ? null : ResolvePath(KnownHostsFile),
            Elevation = Sudo ? ElevationPreference.Always : ElevationPreference.Auto,
            ConnectTimeout = TimeSpan.FromSeconds(ConnectTimeoutSec ?? DefaultConnectTimeout),
        };
        return options with { JumpHost = WayThrough(options) };
    }

    /// <summary>As with ssh -J, the first is the one that this machine reaches; each may stand in a text with commas.</summary>
    private SourceConnectionOptions? WayThrough(SourceConnectionOptions options)
    {
        SourceConnectionOptions? last = null;
        foreach (var text in (JumpHost ?? []).SelectMany(names => names.Split(',')).Select(name => name.Trim()))
        {
            var address = ReadAddress(text);
            last = options with
            {
                Host = address.Host,
                Port = address.Port ?? DefaultPort,
                User = NotBlank(address.User ?? JumpCredential?.UserName ?? options.User, text),
                PinnedFingerprint = null,
                Elevation = ElevationPreference.Auto,
                JumpHost = last,
            };
        }

        return last;
    }

    /// <summary>A machine to be read. No record, whose text would hold the secrets.</summary>
    private sealed class Machine(string name, SourceConnectionOptions options, SourceSecrets secrets, PSObject? row)
    {
        public string Name => name;

        public SourceConnectionOptions Options => options;

        public SourceSecrets Secrets => secrets;

        public PSObject? Row => row;

        /// <summary>The same machine, named twice.</summary>
        public bool IsSame(Machine other) =>
            other.Row is null
            && row is null
            && string.Equals(other.Options.Host, options.Host, StringComparison.OrdinalIgnoreCase)
            && (other.Options.Port, other.Options.User) == (options.Port, options.User);
    }
}
