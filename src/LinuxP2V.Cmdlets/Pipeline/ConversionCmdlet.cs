using System.Management.Automation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that takes conversions, one at a time.</summary>
public abstract class ConversionCmdlet : P2VCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Id")]
    [ConversionTransformation]
    [ArgumentCompleter(typeof(ConversionIdCompleter))]
    [ValidateNotNull]
    public P2VConversion[] Conversion { get; set; } = [];

    protected sealed override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var given in Conversion)
        {
            try
            {
                await ProcessConversionAsync(Engine.Conversions.Get(given.Id), cancellationToken);
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    private protected abstract Task ProcessConversionAsync(Conversion conversion, CancellationToken cancellationToken);

    /// <summary>Nobody drives it now who could start them.</summary>
    internal void WarnOfStoppedServices(Conversion conversion)
    {
        if (conversion.ServicesAtRest.Count > 0)
        {
            WriteWarning(
                $"Services of {conversion.Task.Source.Host} that this conversion stopped are still stopped: {string.Join(", ", conversion.ServicesAtRest)}. " +
                $"Start them there: systemctl start {string.Join(" ", conversion.ServicesAtRest)}");
        }
    }
}
