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
    [ArgumentCompleter(typeof(ConversionCompleter))]
    [SupportsWildcards]
    [ValidateNotNull]
    public P2VConversion[] Conversion { get; set; } = [];

    /// <summary>Does it for each of the given conversions; one that fails does not stop the others.</summary>
    internal async Task ForEachConversionAsync(Func<Conversion, Task> process)
    {
        foreach (var given in Conversion)
        {
            try
            {
                foreach (var conversion in ConversionFinder.Find(Engine.Conversions, given))
                    await process(conversion);
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    /// <summary>Nobody drives it now who could start them.</summary>
    internal void WarnOfStoppedServices(Conversion conversion)
    {
        if (conversion.ServicesAtRest.Count > 0)
        {
            WriteWarning(
                $"Services of {conversion.Task.Source.Host} that this conversion stopped are still stopped: "
                    + $"{string.Join(", ", conversion.ServicesAtRest)}. "
                    + $"Start them there: systemctl start {string.Join(" ", conversion.ServicesAtRest)}"
            );
        }
    }
}
