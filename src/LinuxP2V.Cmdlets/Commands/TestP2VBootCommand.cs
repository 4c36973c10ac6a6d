using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

/// <summary>Conversions are rehearsed side by side: each result is written when it is there.</summary>
[Cmdlet(VerbsDiagnostic.Test, "P2VBoot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(P2VRehearsal))]
public sealed class TestP2VBootCommand : ConversionCmdlet
{
    private readonly List<string> ids = [];

    [Parameter]
    [ValidateRange(30, 86400)]
    public int TimeoutSec { get; set; } = 900;

    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Until { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] HelperIPAddress { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] HelperGateway { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HelperImage { get; set; }

    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 4;

    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        ForEachConversionAsync(conversion =>
        {
            if (ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", "Boot a disposable twin of the copy"))
                ids.Add(conversion.Id);

            return Task.CompletedTask;
        });

    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
            return;

        var options = new DriveOptions(LocateHelperImage(HelperImage));
        await Task.WhenAll(ids.Distinct().Select(id => RehearseAsync(id, options, cancellationToken)));
    }

    private async Task RehearseAsync(string id, DriveOptions options, CancellationToken cancellationToken)
    {
        var conversion = Engine.Conversions.Get(id);
        try
        {
            var destination = await Servers.FindAsync(conversion.Task.Destination, cancellationToken);
            var rehearsal = await Engine.Conversions.RehearseAsync(
                id,
                destination,
                OptionsFor(conversion),
                options,
                Console,
                new ThrottleLimits(ThrottleLimit),
                cancellationToken
            );
            WriteObject(RehearsalMapper.ToObject(rehearsal, conversion.Task.Name));
        }
        catch (P2VException e)
        {
            WriteFailure(e, conversion.Task.Name);
        }
    }

    private RehearsalOptions OptionsFor(Conversion conversion) =>
        new()
        {
            BootTimeout = TimeSpan.FromSeconds(TimeoutSec),
            Force = Force,
            HelperNetwork =
                HelperIPAddress.Length == 0 ? null : new HelperNetwork { Addresses = HelperIPAddress, Gateways = HelperGateway },
            Until = Until is null ? null : (rehearsal, _) => Task.FromResult(IsProved(rehearsal, conversion)),
        };

    private bool IsProved(Rehearsal rehearsal, Conversion conversion)
    {
        var shown = new PSVariable("_", RehearsalMapper.ToObject(rehearsal, conversion.Task.Name));
        try
        {
            return OnPipeline(() => Until!.InvokeWithContext([], [shown]).LastOrDefault() is { } last && LanguagePrimitives.IsTrue(last));
        }
        catch (RuntimeException e)
        {
            throw new P2VException(
                ErrorIds.TwinNotPossible,
                $"The script of -Until failed: {e.Message}",
                "Have it return $false while the machine is not ready, and catch errors of connections.",
                conversion.Id,
                e
            );
        }
    }
}
