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
    private readonly List<string> names = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("HostName", "DnsHostName", "IPAddress")]
    [ValidateNotNullOrEmpty]
    public string[] ComputerName { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 22;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? JumpHost { get; set; }

    [Parameter]
    public SwitchParameter Sudo { get; set; }

    [Parameter]
    public P2VHostKeyPolicy HostKeyPolicy { get; set; }

    [Parameter]
    [ValidatePattern("^SHA256:")]
    public string? HostKeyFingerprint { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KnownHostsFile { get; set; }

    [Parameter]
    [ValidateRange(1, 3600)]
    public int ConnectTimeoutSec { get; set; } = 30;

    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        names.AddRange(ComputerName);
        return Task.CompletedTask;
    }

    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var secrets =
            ReadSecrets()
            ?? throw new P2VException(
                ErrorIds.SourceCredentialRequired,
                "Neither a password nor a key was given.",
                "Give -Credential, or -KeyFile with -UserName or -Credential for the user's name."
            );
        using var turns = new SemaphoreSlim(ThrottleLimit);
        await Task.WhenAll(
            names
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(async name =>
                {
                    await turns.WaitAsync(cancellationToken);
                    try
                    {
                        await ReadAsync(name, secrets, cancellationToken);
                    }
                    finally
                    {
                        turns.Release();
                    }
                })
                .ToList()
        );
    }

    private async Task ReadAsync(string name, SourceSecrets secrets, CancellationToken cancellationToken)
    {
        try
        {
            var options = OptionsFor(name);
            WriteVerbose($"Reading {options.User}@{options.Host}:{options.Port}");
            WriteObject(SourceMapper.ToObject(await Engine.ReadSourceAsync(options, secrets, Console, cancellationToken)));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // One host's trouble is not the others'.
            WriteError(ErrorMapper.ToRecord(e, name));
        }
    }

    private static HostAddress ReadAddress(string text) =>
        HostAddress.Parse(
            text,
            ErrorIds.SourceAddressInvalid,
            "Give a name or an IP address, such as web01, root@web01:2222 or [fe80::1]:22."
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
            Port = address.Port ?? Port,
            User = NotBlank(address.User ?? UserName ?? Credential?.UserName ?? DefaultUser, name),
            HostKeyPolicy = EnumMapper.Map<HostKeyPolicy>(HostKeyPolicy),
            PinnedFingerprint = HostKeyFingerprint,
            KnownHostsPath = KnownHostsFile is null ? null : ResolvePath(KnownHostsFile),
            Elevation = Sudo ? ElevationPreference.Always : ElevationPreference.Auto,
            ConnectTimeout = TimeSpan.FromSeconds(ConnectTimeoutSec),
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
                Port = address.Port ?? 22,
                User = NotBlank(address.User ?? JumpCredential?.UserName ?? options.User, text),
                PinnedFingerprint = null,
                Elevation = ElevationPreference.Auto,
                JumpHost = last,
            };
        }

        return last;
    }
}
