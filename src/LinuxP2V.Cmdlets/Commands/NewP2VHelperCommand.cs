using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.New, "P2VHelper", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class NewP2VHelperCommand : TaskCmdlet
{
    private readonly List<string> ids = [];

    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        StartTasksAsync(ConversionState.HelperReady, conversion => ids.Add(conversion.Id), cancellationToken);

    protected override Task EndAsync(CancellationToken cancellationToken) => WatchAsync(ids, cancellationToken);
}
