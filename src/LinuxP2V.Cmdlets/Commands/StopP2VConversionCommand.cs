using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Stop, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(P2VConversion))]
public sealed class StopP2VConversionCommand : ConversionCmdlet
{
    private readonly List<(string Id, Func<Task> WriteAsync)> stops = [];

    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        ForEachConversionAsync(conversion =>
        {
            if (ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", "Stop; what was copied stays"))
            {
                WriteVerbose($"Stopping {conversion.Task.Name} ({conversion.Id})");
                // Not waited for yet: the place of one that stops is taken by the next that waits, which may be to stop as well.
                var stopping = Engine.Conversions.StopAsync(conversion.Id, cancellationToken);
                stops.Add((conversion.Id, () => WriteAsync(stopping)));
            }

            return Task.CompletedTask;
        });

    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, writeAsync) in stops)
        {
            try
            {
                await writeAsync();
            }
            catch (P2VException e)
            {
                WriteFailure(e, id);
            }
        }
    }

    private async Task WriteAsync(Task<Conversion> stopping)
    {
        var stopped = await stopping;
        WriteObject(ConversionMapper.ToObject(stopped, Session));
        WarnOfStoppedServices(stopped);
    }
}
