using System.Management.Automation;
using LinuxP2V.Cmdlets.Watching;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet as the output of a <see cref="ConversionWatcher"/>.</summary>
internal sealed class WatcherOutput(P2VCmdlet cmdlet) : IWatcherOutput
{
    public void WriteObject(object value) => cmdlet.Emit(value);

    public void WriteError(ErrorRecord record) => cmdlet.Emit(record);

    public void WriteWarning(string text) => cmdlet.EmitWarning(text);

    public void WriteVerbose(string text) => cmdlet.EmitVerbose(text);

    public void WriteProgress(ProgressRecord record) => cmdlet.Emit(record);
}
