using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Cmdlets.Watching;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Wait, "P2VConversion")]
[OutputType(typeof(P2VConversion))]
public sealed class WaitP2VConversionCommand : ConversionCmdlet
{
    private readonly List<string> ids = [];
    private ConversionWatcher? watcher;

    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        ForEachConversionAsync(conversion =>
        {
            ids.Add(conversion.Id);
            return Task.CompletedTask;
        });

    protected override Task EndAsync(CancellationToken cancellationToken)
    {
        watcher = new ConversionWatcher(new WatcherOutput(this), Session);
        return watcher.WatchAsync(ids, cancellationToken);
    }

    protected override void OnStopped() => StillRunning.Warn(Host, watcher?.Running ?? []);
}
