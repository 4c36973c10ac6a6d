using System.Globalization;
using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Set, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(P2VConversion))]
public sealed class SetP2VConversionCommand : ConversionCmdlet
{
    [Parameter(Mandatory = true)]
    [ValidateBandwidth]
    public double BandwidthLimitMbps { get; set; }

    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        ForEachConversionAsync(conversion => LimitAsync(conversion, cancellationToken));

    private async Task LimitAsync(Conversion conversion, CancellationToken cancellationToken)
    {
        var action =
            BandwidthLimitMbps > 0
                ? string.Format(CultureInfo.InvariantCulture, "Limit the bandwidth to {0} Mbit/s", BandwidthLimitMbps)
                : "Take the limit of the bandwidth off";
        if (!ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", action))
            return;
        var limited = await Engine.Conversions.LimitAsync(conversion.Id, BandwidthLimitMbps, cancellationToken);
        WriteObject(ConversionMapper.ToObject(limited, Session));
    }
}
