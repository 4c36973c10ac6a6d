using System.Management.Automation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that takes conversions to one state and waits until they stand there.</summary>
public abstract class StepCmdlet : DrivingCmdlet
{
    private readonly List<string> _ids = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Id")]
    [ConversionTransformation]
    [ArgumentCompleter(typeof(ConversionIdCompleter))]
    [ValidateNotNull]
    public P2VConversion[] Conversion { get; set; } = [];

    private protected abstract ConversionState Through { get; }

    /// <summary>What -WhatIf says is done.</summary>
    private protected abstract string Action { get; }

    private protected virtual Func<Conversion, CancellationToken, Task>? Afterwards => null;

    protected sealed override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var secrets = ReadSecrets();
        foreach (var given in Conversion)
        {
            try
            {
                var conversion = Engine.Conversions.Get(given.Id);
                Refuse(conversion);
                if (!ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", Action))
                    continue;
                await DriveAsync(conversion, secrets, Through, cancellationToken);
                _ids.Add(conversion.Id);
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    protected sealed override Task EndAsync(CancellationToken cancellationToken) =>
        WatchAsync(_ids, Through, cancellationToken, Afterwards is { } then ? c => then(c, cancellationToken) : null);

    private void Refuse(Conversion conversion)
    {
        var at = conversion.InterruptedState ?? conversion.State;
        if (at > Through && at <= ConversionState.Completed)
        {
            throw new P2VException(
                ErrorIds.ConversionWrongState,
                $"The conversion {conversion.Id} ({conversion.Task.Name}) stands at {at}, which is past {Through}.",
                $"Go on with a later step, such as Complete-P2VConversion -Conversion {conversion.Id}.");
        }
    }
}
