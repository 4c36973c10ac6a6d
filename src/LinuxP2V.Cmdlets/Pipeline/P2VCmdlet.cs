using System.Management.Automation;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Loading;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.PowerCli;
using LinuxP2V.Cmdlets.Session;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// The base of all cmdlets: bodies are asynchronous and cancellable, may write from any thread, and every failure
/// becomes an error record with an id and a recommended action.
/// </summary>
public abstract class P2VCmdlet : PSCmdlet, IDisposable
{
    private const string FileSystemProvider = "FileSystem";
    private readonly CancellationTokenSource stop = new();
    private PipelinePump? pump;
    private bool disposed;

    internal P2VSession Session { get; private set; } = null!;

    internal IEngine Engine => Session.Engine;

    internal ServerAccess Servers => new(Session, Console, () => OnPipeline(() => DefaultServers.Read(SessionState.PSVariable)));

    internal CmdletConsole Console => new CmdletConsole(WriteVerbose, WriteWarning);

    protected virtual Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected virtual Task ProcessAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected virtual Task EndAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>On the pipeline thread after Ctrl-C, once the body has ended. The pipeline takes no more output then.</summary>
    protected virtual void OnStopped() { }

    protected sealed override void BeginProcessing()
    {
        Session = P2VSession.OfCurrentRunspace();
        Run(BeginAsync);
    }

    protected sealed override void ProcessRecord() => Run(ProcessAsync);

    protected sealed override void EndProcessing() => Run(EndAsync);

    protected sealed override void StopProcessing()
    {
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Stopped just as it ended.
        }
    }

    protected new void WriteObject(object? value) => Post(() => base.WriteObject(value));

    protected new void WriteError(ErrorRecord record) => Post(() => base.WriteError(record));

    protected new void WriteWarning(string text) => Post(() => base.WriteWarning(PlainText.Lines(text)));

    protected new void WriteVerbose(string text) => Post(() => base.WriteVerbose(PlainText.Lines(text)));

    protected new void WriteInformation(object message, string[] tags) => Post(() => base.WriteInformation(message, tags));

    protected new void WriteProgress(ProgressRecord record) => Post(() => base.WriteProgress(record));

    protected new bool ShouldProcess(string target, string action) => OnPipeline(() => base.ShouldProcess(target, action));

    /// <param name="description">What -WhatIf and -Verbose print.</param>
    /// <param name="question">What -Confirm asks.</param>
    /// <param name="caption">Its heading.</param>
    protected new bool ShouldProcess(string description, string question, string caption) =>
        OnPipeline(() => base.ShouldProcess(description, question, caption));

    /// <summary>One item failed; the others go on.</summary>
    protected void WriteFailure(Exception failure, object? target) => WriteError(ErrorMapper.ToRecord(failure, target));

    /// <summary>PowerShell's own state, such as paths and preferences, belongs to the pipeline thread.</summary>
    protected T OnPipeline<T>(Func<T> question) => pump is null || pump.IsPipelineThread ? question() : pump.Ask(question);

    /// <summary>A path of the user's as a full file-system path; it need not exist.</summary>
    /// <exception cref="P2VException">FileNotAccessible: it leads elsewhere, as Env:\X and HKLM:\X do.</exception>
    protected string ResolvePath(string path)
    {
        string full;
        ProviderInfo provider;
        try
        {
            (full, provider) = OnPipeline(() => (SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var found, out _), found));
        }
        catch (RuntimeException e) when (e is SessionStateException or ProviderInvocationException)
        {
            throw new P2VException(ErrorIds.FileNotAccessible, e.Message, "Give a path on a disk or a share.", path, e);
        }

        return provider.Name == FileSystemProvider
            ? full
            : throw new P2VException(
                ErrorIds.FileNotAccessible,
                $"'{path}' is no path of a file or folder, but of PowerShell's provider {provider.Name}.",
                "Give a path on a disk or a share.",
                path
            );
    }

    /// <param name="given">A path of the user's; null: the module's own image.</param>
    internal string LocateHelperImage(string? given) =>
        Engine.LocateHelperImage(given is null ? null : ResolvePath(given), ModuleLayout.ModuleFolder);

    // For helpers of the cmdlet, which cannot reach its protected members.
    internal void Emit(object value) => WriteObject(value);

    internal void Emit(ErrorRecord record) => WriteError(record);

    internal void Emit(ProgressRecord record) => WriteProgress(record);

    internal void EmitWarning(string text) => WriteWarning(text);

    internal void EmitVerbose(string text) => WriteVerbose(text);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !disposed)
        {
            disposed = true;
            stop.Dispose();
        }
    }

    private void Post(Action write)
    {
        var pump = this.pump;
        if (pump is null || pump.IsPipelineThread)
            write();
        else
            pump.Post(write);
    }

    private void Run(Func<CancellationToken, Task> body)
    {
        var pump = new PipelinePump(stop);
        this.pump = pump;
        try
        {
            pump.Run(() => body(stop.Token));
        }
        catch (PipelineStoppedException)
        {
            throw;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            OnStopped();
            throw new PipelineStoppedException();
        }
        catch (Exception e)
        {
            ThrowTerminatingError(ErrorMapper.ToRecord(e, null));
        }
        finally
        {
            // The closed pump stays in place: a late writer must find it and be dropped, not write from its own thread.
            pump.Close();
        }
    }
}
