using System.Management.Automation;
using LinuxP2V.Cmdlets.Conversions;
using LinuxP2V.Cmdlets.Pipeline;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Wait, "P2VConversion")]
[OutputType(typeof(P2VConversion))]
public sealed class WaitP2VConversionCommand : ConversionCmdlet
{
    private readonly List<string> _ids = [];
    private ConversionWatcher? _watcher;

    protected override Task ProcessAsync(CancellationToken cancellationToken) => ForEachConversionAsync(conversion =>
    {
        _ids.Add(conversion.Id);
        return Task.CompletedTask;
    });

    protected override Task EndAsync(CancellationToken cancellationToken)
    {
        _watcher = new ConversionWatcher(new WatcherOutput(this), Session);
        return _watcher.WatchAsync(_ids, cancellationToken);
    }

    protected override void OnStopped() => StillRunning.Warn(Host, _watcher?.Running ?? []);
}
